"""Tells notifier what was found: one message for all that one body owes at one stage, and its corrections."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.lateness import queries
from shared import bus
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.ids import new_id
from shared.messages import ClocksTold
from shared.messages.clocks import ClockTold

MOST_GROUPS: Final = 100
LISTED: Final = 100
_OPEN: Final = ("running", "warned", "broken")


async def tell(session: Session, context: Context[Any], *, now: datetime) -> bool:
    """Tell what was found since; True if there may be more. Within the pause after a notice it gathers."""
    since = now - timedelta(minutes=context.settings.clock_notice_minutes)
    groups = await fetch_all(session, queries.UNTOLD, since=since, most=MOST_GROUPS)
    for group in groups:
        key = {name: group[name] for name in ("answer_type", "answer_code", "stage", "level")}
        notice_id = new_id(now)
        rows = await fetch_all(session, queries.TAKE_UNTOLD, notice_id=notice_id, **key)
        open_, explained = _counts(rows)
        await execute(
            session,
            queries.ADD_NOTICE,
            notice_id=notice_id,
            now=now,
            open=open_,
            explained=explained,
            **key,
        )
        await _publish(session, {"notice_id": notice_id, "revision": 1, **key}, rows, now=now)
    return len(groups) == MOST_GROUPS


async def revise(session: Session, notices: Sequence[UUID], *, now: datetime) -> None:
    """Tell again of notices of which something was explained, or nothing is open any more."""
    for notice_id in notices:
        notice = await fetch_one(session, queries.NOTICE, notice_id=notice_id)
        if notice is None:
            continue
        rows = await fetch_all(session, queries.NOTICED, notice_id=notice_id)
        open_, explained = _counts(rows)
        if explained == notice["explained"] and bool(open_) == bool(notice["open"]):
            continue
        await execute(session, queries.REVISE, notice_id=notice_id, open=open_, explained=explained)
        await _publish(session, {**notice, "revision": notice["revision"] + 1}, rows, now=now)


def _counts(rows: Sequence[RowMapping]) -> tuple[int, int]:
    return (
        sum(row["state"] in _OPEN for row in rows),
        sum(row["state"] == "explained" for row in rows),
    )


async def _publish(
    session: Session, notice: dict[str, Any], rows: Sequence[RowMapping], *, now: datetime
) -> None:
    """Publish a notice as it stands; the worst are named, all are counted."""
    open_, explained = _counts(rows)
    site = notice["answer_code"] if notice["answer_type"] == "site" else None
    town = await fetch_value(session, queries.TOWN, site_code=site) if site else None
    late = [(row["ended_at"] or now) - row["due_at"] for row in rows if row["state"] != "explained"]
    message = ClocksTold(
        notice_id=notice["notice_id"],
        revision=notice["revision"],
        level=notice["level"],
        stage=notice["stage"],
        answer_type=notice["answer_type"],
        answer_code=notice["answer_code"],
        township_code=town,
        at=_text(now),
        total=len(rows),
        open=open_,
        explained=explained,
        worst_minutes=max((int(each.total_seconds() // 60) for each in late), default=0),
        clocks=tuple(_told(row) for row in rows[:LISTED]),
    )
    await bus.publish(session, message, now=now, urgent=True)


def _told(row: RowMapping) -> ClockTold:
    return ClockTold(
        subject=row["subject"],
        code=row["code"],
        category=row["category"],
        site_code=row["site_code"],
        lab_code=row["lab_code"],
        starts_at=_text(row["starts_at"]),
        due_at=_text(row["due_at"]),
        ended_at=None if row["ended_at"] is None else _text(row["ended_at"]),
        state=row["state"],
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
