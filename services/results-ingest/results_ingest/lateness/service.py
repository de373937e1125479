"""Looks at the clocks that are due or of which something was heard, and keeps what follows.

What was heard is only a hint: the facts decide, so it may come in any order, twice, or not at all.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.clocks.rules import SAMPLED, answers, began
from results_ingest.lateness import queries, telling
from results_ingest.lateness.rules import Clock, Standing, judge
from results_ingest.matching.queries import BY_INDEX
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_value

MOST: Final = 1_000
MOST_PACKETS: Final = 20
_KEPT: Final = ("starts_at", "due_at", "ended_at", "next_at", "warned_at", "broken_at")


async def look(session: Session, context: Context[Any]) -> bool:
    """Judge what is due or was hinted at; tell of it once nothing more waits. True if something does."""
    now = await context.clock.now(session)
    await execute(session, BY_INDEX)
    packets = await fetch_value(session, queries.EXPAND, most=MOST_PACKETS)
    hinted = [row["about_id"] for row in await fetch_all(session, queries.TAKE_HINTS, most=MOST)]
    due = [row["subject_id"] for row in await fetch_all(session, queries.DUE, now=now, most=MOST)]
    ids = sorted({*hinted, *due})
    if ids:
        await _judge(session, ids, now=now, horizon=timedelta(days=context.settings.clock_horizon_days))
    if packets == MOST_PACKETS or MOST in (len(hinted), len(due)) or packets:
        return True
    return await telling.tell(session, context, now=now)


async def _judge(session: Session, ids: Sequence[UUID], *, now: datetime, horizon: timedelta) -> None:
    rows = await fetch_all(session, queries.LOOK, ids=list(ids))
    looked = [(row, *_look(row, now=now, horizon=horizon)) for row in rows]
    changed = [_record(row, starts, ended, stands) for row, starts, ended, stands in looked]
    await execute(session, queries.SET, clocks=json.dumps(changed))
    moved = {
        row["breach_notice"]
        for row, _, _, stands in looked
        if row["breach_notice"] is not None and stands.state != row["state"]
    }
    await telling.revise(session, sorted(moved), now=now)


def _look(
    row: RowMapping, *, now: datetime, horizon: timedelta
) -> tuple[datetime | None, datetime | None, Standing]:
    starts, ended = _moments(row)
    clock = Clock(
        limit_minutes=row["limit_minutes"],
        warn_minutes=row["warn_minutes"],
        opened_at=row["opened_at"],
        starts_at=starts,
        ended_at=ended,
        void=row["void"],
        warned_at=row["warned_at"],
        broken_at=row["broken_at"],
        untold=row["untold"],
    )
    return starts, ended, judge(clock, now=now, horizon=horizon)


def _moments(row: RowMapping) -> tuple[datetime | None, datetime | None]:
    """Return when a clock began and ended: a tube's by its stamps, others' as they were stated."""
    if row["order_id"] is not None:
        moments = {
            "opened": row["ordered_at"],
            "registered": row["order_registered_at"],
            SAMPLED: row["sampled_at"],
        }
        ended_at = row["sampled_at"] if row["stage"] == "sampling" else row["resulted_at"]
        return began(row["starts"], moments), ended_at
    if row["tube_id"] is None:
        return row["starts_at"], row["ended_at"]
    received = row["received_at"] or row["tested_at"]
    handed = row["handed_at"] or received
    moments = {
        SAMPLED: row["collected_at"],
        "registered": row["registered_at"],
        "handed": handed,
        "received": received,
    }
    ended = {"handover": handed, "delivery": received, "result": row["reported_at"]}
    return began(row["starts"], moments), ended[row["stage"]]


def _record(
    row: RowMapping, starts: datetime | None, ended: datetime | None, stands: Standing
) -> dict[str, Any]:
    of_tube = row["tube_id"] is not None
    named = {name: row[name] for name in ("site_code", "lab_code", "unit_code")}
    kind, code = answers(row["stage"], **named) if of_tube else (row["answer_type"], row["answer_code"])
    moments: Mapping[str, datetime | None] = {
        "starts_at": starts,
        "ended_at": ended,
        **{name: getattr(stands, name) for name in _KEPT if name not in ("starts_at", "ended_at")},
    }
    return {
        "subject_id": str(row["subject_id"]),
        "stage": row["stage"],
        "state": stands.state,
        "untold": stands.untold,
        **{name: None if at is None else at.isoformat() for name, at in moments.items()},
        **named,
        "answer_type": kind,
        "answer_code": code,
    }


async def forget(session: Session, context: Context[Any]) -> bool:
    """Delete the clocks and their notices past their retention, some at a time."""
    now = await context.clock.now(session)
    before = now - timedelta(days=context.settings.clock_retention_days)
    gone = await execute(session, queries.FORGET, before=before, most=MOST)
    gone = max(gone, await execute(session, queries.FORGET_NOTICES, before=before, most=MOST))
    return gone == MOST
