"""Pages of what became of rows: in the order of commits, each row as it stands at the moment of reading."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from results_ingest.changes import queries
from results_ingest.changes.rules import LAST, Position, take
from results_ingest.outcomes.service import fate_of, fates_of
from shared.bus.types import Schedule
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, fetch_value, sql
from shared.errors import CURSOR_EXPIRED, Language, Problem
from shared.web.paging import decode_cursor, encode_cursor

AT_ONCE: Final = 5_000
REAL_NOW: Final = sql("SELECT clock_timestamp()")


async def page(
    session: Session,
    context: Context[Any],
    *,
    only: str | None,
    lab_code: str | None,
    cursor: str | None,
    limit: int,
    language: Language,
) -> dict[str, Any]:
    """Return up to `limit` rows after a cursor; Problem 410. `only`: the caller's own laboratory."""
    head = dict(await fetch_one(session, queries.HEAD) or {})
    today = day_of(await fetch_value(session, REAL_NOW))
    start = Position(head["epoch"], 0, 0, 0, today)
    position = start if cursor is None else _position(cursor)
    days = context.settings.row_change_days
    store = {"epoch": head["epoch"], "kept": head["kept"]}
    if cursor is not None and position.expired(**store, today=today, days=days):
        raise Problem(CURSOR_EXPIRED)
    found = await fetch_all(
        session, queries.PAGE, xid=position.xid, n=position.n, horizon=head["horizon"],
        only=only, lab_code=lab_code, limit=limit + 2,
    )  # fmt: skip
    wanted: dict[tuple[UUID, int], Any] = {}
    cut = False
    for change in found:
        here = (change["xid"], change["n"])
        after = position.row if here == (position.xid, position.n) else 0
        taken = take(change["rows"], change["all_rows"], after=after, room=limit - len(wanted))
        wanted |= dict.fromkeys(((change["batch_id"], row) for row in taken.rows), change)
        if not taken.whole:
            last = taken.rows[-1] if taken.rows else after
            position, cut = position.at(*here, last, today=today), True
            break
        position = position.at(*here, LAST, today=today)
    more = cut or len(found) == limit + 2
    if not more:
        # Everything below the horizon has been had: a quiet reader's cursor goes on with the store.
        position = position.at(max(head["horizon"] - 1, position.xid), LAST, LAST, today=today)
    return {
        "changes": await _told(session, wanted, language),
        "next_cursor": encode_cursor(position.as_json()),
        "more": more,
    }


async def _told(session: Session, wanted: dict[tuple[UUID, int], Any], language: Language) -> list[Any]:
    fates = {(row["batch_id"], row["row"]): row for row in await fates_of(session, list(wanted))}
    return [
        {
            "lab_code": change["lab_code"],
            "batch_id": str(key[0]),
            "batch_no": change["batch_no"],
            **fate_of(fates[key], change["row_numbers"], language),
        }
        for key, change in wanted.items()
    ]


def _position(cursor: str) -> Position:
    try:
        return Position.parse(decode_cursor(cursor))
    except (Problem, KeyError, ValueError):
        # Whatever its reader holds, reading again from the beginning is what helps.
        raise Problem(CURSOR_EXPIRED) from None


async def forget(session: Session, context: Context[Any]) -> bool:
    """Forget some changes past their time, by the real clock; True if there may be more."""
    before = await fetch_value(session, REAL_NOW) - timedelta(days=context.settings.row_change_days)
    gone: int = await fetch_value(session, queries.FORGET, before=before, at_once=AT_ONCE)
    return gone == AT_ONCE


FORGET_CHANGES: Final = Schedule("changes.forget", timedelta(minutes=10), forget)
