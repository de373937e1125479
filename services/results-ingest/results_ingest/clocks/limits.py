"""Limits as data: a version is added with the day it begins; what held before stays."""

from datetime import datetime
from typing import Any

from results_ingest.clocks import errors, queries
from results_ingest.clocks.schemas import LimitIn
from results_ingest.shown import shown_of
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import INVALID_BODY, Problem, RowError
from shared.web.paging import number_after, page_of


async def add(
    session: Session, wanted: LimitIn, *, client_id: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the version and whether it is new; Problem 409 beside another of its day, 422 for the past."""
    _check(wanted, now=now)
    key = {
        "stage": wanted.stage,
        "applies_to": wanted.applies_to,
        "code": wanted.code or "",
        "effective_from": wanted.effective_from,
    }
    said = {name: getattr(wanted, name) for name in ("limit_minutes", "warn_minutes", "starts", "basis")}
    new = await execute(session, queries.ADD_LIMIT, client_id=client_id, now=now, **key, **said)
    stored = await fetch_one(session, queries.ONE_LIMIT, **key)
    if stored is None or any(stored[name] != value for name, value in said.items()):
        raise Problem(errors.LIMIT_IN_USE)
    return shown_of(stored) | {"in_force": stored["effective_from"] <= day_of(now)}, bool(new)


async def page(
    session: Session, *, stage: str | None, now: datetime, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return limits with their history; `in_force`: the version that holds today."""
    skip = number_after(cursor, "skip")
    rows = await fetch_all(
        session, queries.LIMIT_PAGE, stage=stage, today=day_of(now), skip=skip, limit=limit + 1
    )
    found = page_of("limits", rows, limit=limit, position=lambda _: {"skip": skip + limit})
    found["limits"] = [shown_of(row) for row in found["limits"]]
    return found


def _check(wanted: LimitIn, *, now: datetime) -> None:
    faults = []
    if (wanted.applies_to == "everything") != (wanted.code is None):
        faults.append(("code", errors.LIMIT_OF_WHAT))
    if wanted.effective_from < day_of(now):
        faults.append(("effective_from", errors.LIMIT_IN_PAST))
    if wanted.warn_minutes is not None and wanted.warn_minutes >= (wanted.limit_minutes or 0):
        faults.append(("warn_minutes", errors.WARNS_TOO_LATE))
    if faults:
        listed = [RowError(None, field, why.code) for field, why in faults]
        raise Problem(INVALID_BODY, errors=listed)
