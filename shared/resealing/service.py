"""Goes over the sealed columns in the background, chunk by chunk, and seals anew what is under another key.

Every chunk is a short transaction that waits for nobody. Progress lies in `bus.resealing`, so a stop costs a
chunk, and several workers share the columns between them. It never decides that an old key may go: it says
from when on nothing under another key was found, and an operator takes the key out.
"""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from anyio import to_thread
from sqlalchemy import RowMapping

from shared.bus.types import Routine
from shared.context import Context
from shared.db import LONG_SECONDS, Session, execute, fetch_all, fetch_one
from shared.resealing import queries
from shared.resealing.columns import SealedColumn, on_the_bus

AGAIN_HOURS: Final = 24


def keep_resealing(columns: Sequence[SealedColumn]) -> Routine:
    """Return the routine of a service's worker: its own columns and what it has on the bus."""

    async def run(context: Context[Any]) -> None:
        listed = (*columns, *on_the_bus(context.service))
        await _ensure(context, listed)
        while True:
            worked = await reseal_due(context, listed)
            settings = context.settings
            await asyncio.sleep(settings.reseal_pause_seconds if worked else settings.reseal_look_seconds)

    run.__name__ = "keep_resealing"
    return run


async def reseal_due(context: Context[Any], columns: Sequence[SealedColumn]) -> bool:
    """Do a chunk of each column that is due; return whether there was one."""
    due = {
        row["column_name"]
        for row in await context.db.run(
            partial(
                fetch_all,
                statement=queries.DUE,
                service=context.service,
                target=context.sealer.target,
                grace=context.settings.reseal_grace_seconds,
                hours=AGAIN_HOURS,
            )
        )
    }
    for column in columns:
        if column.name in due:
            await context.db.run(partial(_chunk, context=context, column=column), seconds=LONG_SECONDS)
    return bool(due)


async def progress(session: Session, context: Context[Any]) -> list[dict[str, Any]]:
    """Return how far each column of the service is."""
    grace = context.settings.reseal_grace_seconds
    rows = await fetch_all(session, queries.PROGRESS, service=context.service, grace=grace)
    target = context.sealer.target
    return [{**row, "clean": row["clean"] and row["target"] == target} for row in rows]


async def _ensure(context: Context[Any], columns: Sequence[SealedColumn]) -> None:
    async with context.db.transaction() as session:
        await execute(
            session,
            queries.ENSURE,
            service=context.service,
            target=context.sealer.target,
            names=[column.name for column in columns],
        )


async def _chunk(session: Session, *, context: Context[Any], column: SealedColumn) -> None:
    mine = {"service": context.service, "name": column.name}
    state = await fetch_one(session, queries.LOCK, **mine)
    if state is None:  # another worker is at it
        return
    position = state["position"]
    if state["target"] != context.sealer.target:
        await execute(session, queries.RESTART, target=context.sealer.target, **mine)
        position = None
    elif position is None:
        await execute(session, queries.BEGIN, **mine)
    after = [None] * len(column.key) if position is None else json.loads(position)
    statements = queries.of(column)
    rows = await fetch_all(
        session, statements.page, first=position is None, limit=column.at_once, **_keys(column, after)
    )
    stale = await to_thread.run_sync(_stale, column, context, rows)
    done = await _renew(session, context, column, stale) if stale else 0
    last = json.dumps([str(rows[-1][name]) for name, _ in column.key]) if rows else position
    await execute(
        session, queries.ADVANCE, position=last, stale=len(stale), looked=len(rows), resealed=done, **mine
    )
    if len(rows) < column.at_once:
        await execute(session, queries.FINISH, **mine)


def _keys(column: SealedColumn, values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip((name for name, _ in column.key), values, strict=True))


def _stale(column: SealedColumn, context: Context[Any], rows: Sequence[RowMapping]) -> list[RowMapping]:
    return [row for row in rows if column.renew(context.sealer, row["value"]) != row["value"]]


async def _renew(
    session: Session, context: Context[Any], column: SealedColumn, stale: Sequence[RowMapping]
) -> int:
    """Seal the rows anew that nobody else holds; return how many. Read again under the lock."""
    statements = queries.of(column)
    wanted = {name: [row[name] for row in stale] for name, _ in column.key}
    rows = await fetch_all(session, statements.lock, **wanted)
    if not rows:
        return 0
    values = await to_thread.run_sync(lambda: [column.renew(context.sealer, row["value"]) for row in rows])
    keys = {name: [row[name] for row in rows] for name, _ in column.key}
    return await execute(session, statements.update, values=values, **keys)
