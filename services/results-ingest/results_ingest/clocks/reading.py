"""Clocks as they are shown: which run, which ran out and by how much, and the worst of each stage."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.clocks import queries
from results_ingest.shown import shown_of
from results_ingest.sight import own_lab
from shared.clock import midnight
from shared.db import Session, fetch_all
from shared.errors import CURSOR_INVALID, Problem
from shared.security.principal import Principal
from shared.web.paging import code_after, decode_cursor, moment_of, page_of, uuid_after

_SHOWN: Final = (
    "category", "site_code", "lab_code", "unit_code", "starts", "limit_minutes", "warn_minutes", "starts_at",
    "due_at", "ended_at", "state", "warned_at", "broken_at",
)  # fmt: skip
_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)


def sight(who: Principal) -> dict[str, str | None]:
    """Return whose clocks a caller sees: a laboratory those of what is sent to it, an area its own."""
    return {
        "lab": own_lab(who, "records:read", "samples:write", "reviews:write"),
        "township": who.township,
        "department": who.department,
    }


async def page(
    session: Session,
    who: Principal,
    *,
    state: str | None,
    filters: Mapping[str, str | None],
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return clocks in the order in which they fall due, without `state` those that are open."""
    which = {"state": state} if state else {}
    rows = await fetch_all(
        session,
        queries.PAGE if state else queries.PAGE_OPEN,
        limit=limit + 1,
        **which,
        **sight(who),
        **filters,
        **_after(cursor),
    )
    found = page_of("clocks", rows, limit=limit, position=_position)
    found["clocks"] = [_shown(row, now=now) for row in found["clocks"]]
    return found


async def counts(
    session: Session, who: Principal, *, by: str, day: date, stage: str | None, limit: int, now: datetime
) -> dict[str, Any]:
    """Return by body and stage how many clocks of a day stand where, the worst first."""
    begin = midnight(day)
    rows = await fetch_all(
        session,
        queries.COUNTS[by],
        from_at=begin,
        to_at=begin + timedelta(days=1),
        now=now,
        stage=stage,
        limit=limit,
        **sight(who),
    )
    names = ("stage", "running", "warned", "broken", "late", "explained", "met")
    body = "category" if by == "category" else f"{by}_code"
    listed = [
        {body: row["body"]}
        | {name: row[name] for name in names}
        | {"worst_minutes": row["worst"] and _minutes(row["worst"])}
        for row in rows
    ]
    return {"day": day, "by": by, "counts": listed}


def _shown(row: RowMapping, *, now: datetime) -> dict[str, Any]:
    late = (row["ended_at"] or now) - row["due_at"]
    return (
        {"stage": row["stage"], "subject": {"type": row["subject"], "code": row["code"]}}
        | shown_of({name: row[name] for name in _SHOWN})
        | {
            "minutes_late": max(_minutes(late), 0),
            "answers": {"type": row["answer_type"], "code": row["answer_code"] or None},
        }
    )


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _position(row: RowMapping) -> dict[str, str]:
    return {"due": row["due_at"].isoformat(), "subject": str(row["subject_id"]), "stage": row["stage"]}


def _after(cursor: str | None) -> dict[str, Any]:
    if cursor is None:
        return {"due": _FIRST, "subject": UUID(int=0), "after_stage": ""}
    due = decode_cursor(cursor).get("due")
    try:
        moment = moment_of("cursor", due if isinstance(due, str) else "")
    except Problem:
        raise Problem(CURSOR_INVALID) from None
    return {
        "due": moment,
        "subject": uuid_after(cursor, "subject"),
        "after_stage": code_after(cursor, "stage"),
    }
