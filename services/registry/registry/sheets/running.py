"""One part of an import in one transaction: its rows' effect, their verdicts and the progress together.

A worker that is killed leaves the part undone and uncounted; whoever comes next does it once.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from anyio import to_thread
from sqlalchemy import RowMapping

from registry.sheets import queries
from registry.sheets.kinds import KINDS
from registry.sheets.parts import Part, layout, open_head, open_part
from registry.sheets.taking import store_errors
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.db_errors import is_outage
from shared.errors import RowError
from shared.security.principal import ADMIN, Principal
from shared.security.sealing import Sealer
from shared.sheets.columns import values_of
from shared.sheets.kinds import Asked, Kind, Outcome, Row, renumbered

# One a second: a minute of something that goes wrong each time, then a person must look.
MOST_FAILURES: Final = 60
_log = structlog.get_logger()


class _Rehearsed(Exception):  # noqa: N818 - how a dry run takes back what it did
    pass


async def run(session: Session, context: Context[Any]) -> bool:
    """Take in a part of the import that has waited longest; return whether to look again at once."""
    taken = await fetch_one(session, queries.TAKE)
    if taken is None:
        return False
    now = await context.clock.now(session)
    try:
        async with session.begin_nested():
            await _step(session, context, taken)
    except Exception as error:
        if is_outage(error):
            raise
        _log.exception("import_step_failed", import_id=str(taken["import_id"]), part=taken["next_part"])
        key = taken["import_id"]
        await execute(session, queries.NOTE_FAILURE, import_id=key, most=MOST_FAILURES, now=now)
    return True


async def forget(session: Session, context: Context[Any]) -> bool:
    """Delete imports past their retention, some at a time."""
    now = await context.clock.now(session)
    return await execute(session, queries.FORGET, now=now, days=context.settings.sheet_retention_days) > 0


async def _step(session: Session, context: Context[Any], taken: RowMapping) -> None:
    key = taken["import_id"]
    now = await context.clock.now(session)
    sealed = await fetch_value(session, queries.PART, import_id=key, part=taken["next_part"])
    kind = KINDS[taken["kind"]]
    part = await to_thread.run_sync(open_part, context.sealer, sealed)
    bounds = {"first": part.numbers[0], "last": part.numbers[-1]}
    known = await fetch_all(session, queries.ERRORS_BETWEEN, import_id=key, **bounds)
    barred = {row["row_no"] for row in known}
    read = await to_thread.run_sync(_values, context.sealer, kind, taken["sealed_head"], part, barred)
    asked = Asked(_sender(taken), now, taken["existing"])
    outcome = await _applied(session, context, kind, read, asked, dry_run=taken["dry_run"])
    await store_errors(session, key, read.wrong + renumbered(outcome.refused, read.numbers))
    await execute(
        session,
        queries.ADVANCE,
        import_id=key,
        processed=len(part.rows),
        accepted=outcome.accepted,
        updated=outcome.updated,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """The rows of a part that may be judged, with their numbers, and what is wrong with the cells of all."""

    numbers: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    before: list[Row] = field(default_factory=list)
    wrong: list[RowError] = field(default_factory=list)


def _values(sealer: Sealer, kind: Kind, sealed_head: bytes, part: Part, barred: set[int]) -> _Read:
    found = layout(open_head(sealer, sealed_head), kind)
    read = _Read()
    for number, cells in zip(part.numbers, part.rows, strict=True):
        row, errors = values_of(found, cells, number=number)
        read.wrong.extend(errors)
        if row is not None and number not in barred:
            read.numbers.append(number)
            read.rows.append(row)
    earlier = (values_of(found, cells, number=0)[0] for cells in part.before)
    read.before.extend(row for row in earlier if row is not None)
    return read


async def _applied(
    session: Session,
    context: Context[Any],
    kind: Kind,
    read: _Read,
    asked: Asked,
    *,
    dry_run: bool,
) -> Outcome:
    """Take the rows in, and take it back if it was only asked what would happen.

    A trial begins with the earlier rows that its own rest on: their trial was taken back.
    """
    outcome = Outcome()
    if not read.rows:
        return outcome
    try:
        async with session.begin_nested():
            if read.before:
                await kind.apply(session, context, read.before, asked)
            outcome = await kind.apply(session, context, read.rows, asked)
            if dry_run:
                raise _Rehearsed  # noqa: TRY301 - it ends the savepoint
    except _Rehearsed:
        pass
    return outcome


def _sender(taken: RowMapping) -> Principal:
    """Return who sent the sheet, with the area that held then."""
    return Principal(
        client_id=taken["client_id"],
        name="",
        kind="system",
        scopes=frozenset({ADMIN}),
        area_code=taken["area_code"],
        area_level=taken["area_level"],
    )
