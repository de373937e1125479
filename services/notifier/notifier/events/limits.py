"""Limits of an event's clocks as dated data: a version is added, what held before stays."""

from datetime import datetime
from typing import Any

from notifier.events import errors, queries
from notifier.events.schemas import EventLimitIn
from notifier.local import local
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import INVALID_BODY, Problem, RowError
from shared.web.paging import number_after, page_of


async def add(
    session: Session, wanted: EventLimitIn, *, client_id: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the version and whether it is new; Problem 409 beside another of its day, 422 for the past."""
    faults = []
    if wanted.effective_from < day_of(now):
        faults.append(RowError(None, "effective_from", errors.LIMIT_IN_PAST.code))
    if wanted.warn_minutes is not None and wanted.warn_minutes >= wanted.limit_minutes:
        faults.append(RowError(None, "warn_minutes", errors.WARNS_TOO_LATE.code))
    if faults:
        raise Problem(INVALID_BODY, errors=faults)
    said = wanted.model_dump()
    new = await execute(session, queries.ADD_LIMIT, **said, client_id=client_id, now=now)
    stored = await fetch_one(
        session, queries.ONE_LIMIT, clock=wanted.clock, effective_from=wanted.effective_from
    )
    if stored is None or any(stored[name] != value for name, value in said.items()):
        raise Problem(errors.LIMIT_IN_USE)
    return local(stored) | {"in_force": stored["effective_from"] <= day_of(now)}, bool(new)


async def page(session: Session, *, now: datetime, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return limits with their history; `in_force`: the version that holds today."""
    skip = number_after(cursor, "skip")
    rows = await fetch_all(session, queries.LIMITS, today=day_of(now), skip=skip, limit=limit + 1)
    shown = [local(row) | {"in_force": bool(row["in_force"])} for row in rows]
    return page_of("limits", shown, limit=limit, position=lambda _: {"skip": skip + limit})
