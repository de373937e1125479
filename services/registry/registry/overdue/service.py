"""Who is overdue or never tested now, and in which units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.overdue import queries
from registry.people.storing import masked_name
from registry.statuses import service as statuses
from registry.statuses.display import COLUMNS, NEVER_TESTED, OVERDUE, Status, status_of
from registry.statuses.loading import limits_of, status_row
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all
from shared.security.access import Principal

COUNTED: Final = (OVERDUE, NEVER_TESTED)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    unit_code: str | None = None
    township_code: str | None = None
    department_code: str | None = None


async def people(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    wanted: Filter,
    after: tuple[UUID, str],
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` overdue people after a position, in person order."""
    found: list[dict[str, Any]] = []
    while len(found) < limit:
        rows = await fetch_all(
            session,
            queries.PEOPLE,
            after_person=after[0],
            after_unit=after[1],
            limit=limit,
            **_parameters(who, wanted, now),
        )
        shown = await _statuses(session, context, rows, now=now)
        found.extend(
            _person(context, row, status, now=now)
            for row in rows
            if (status := shown[row["person_id"]]).due_state in COUNTED
        )
        if len(rows) < limit:
            break
        after = (rows[-1]["person_id"], rows[-1]["unit_code"] or "")
    found = found[:limit]
    await record(
        session, context, who=who, action="overdue.list", purpose="overdue", rows=len(found), now=now
    )
    return found


async def units(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    wanted: Filter,
    after: str,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` units with somebody overdue, by code."""
    found: list[dict[str, Any]] = []
    while len(found) < limit:
        rows = await fetch_all(
            session, queries.UNITS, after=after, limit=limit, **_parameters(who, wanted, now)
        )
        counts = await _counts(session, context, [row["unit_code"] for row in rows], now=now)
        found.extend(
            {**dict(row), **counts[row["unit_code"]]}
            for row in rows
            if counts[row["unit_code"]]["overdue"] or counts[row["unit_code"]]["never_tested"]
        )
        if len(rows) < limit:
            break
        after = rows[-1]["unit_code"]
    return found[:limit]


async def _counts(
    session: Session, context: Context[Any], unit_codes: Sequence[str], *, now: datetime
) -> dict[str, dict[str, int]]:
    counts = {code: {"people": 0, "overdue": 0, "never_tested": 0} for code in unit_codes}
    rows = await fetch_all(session, queries.PEOPLE_OF_UNITS, units=list(unit_codes), today=day_of(now))
    shown = await _statuses(session, context, rows, now=now)
    for row in rows:
        count = counts[row["unit_code"]]
        count["people"] += 1
        state = shown[row["person_id"]].due_state
        if state in COUNTED:
            count[state] += 1
    return counts


async def _statuses(
    session: Session, context: Context[Any], rows: Sequence[RowMapping], *, now: datetime
) -> dict[UUID, Status]:
    stored = [status_row([row[column] for column in COLUMNS]) for row in rows]
    fresh = await statuses.current(session, context, found=stored, now=now)
    limits = limits_of(context.settings)
    return {person_id: status_of(row, now, limits) for person_id, row in fresh.items()}


def _parameters(who: Principal, wanted: Filter, now: datetime) -> dict[str, Any]:
    return {
        "today": day_of(now),
        "unit_code": wanted.unit_code,
        "township_code": wanted.township_code,
        "department_code": wanted.department_code,
        "area_township": who.township,
        "area_department": who.department,
    }


def _person(context: Context[Any], row: RowMapping, status: Status, *, now: datetime) -> dict[str, Any]:
    due_on = status.due_on or day_of(now)
    return {
        **{field: row[field] for field in ("person_id", "health_code_id", "unit_code", "township_code")},
        "name_masked": masked_name(context, row["sealed_contact"]),
        "category_code": row["category_code"],
        "due_on": due_on.isoformat(),
        "days_overdue": max(0, (day_of(now) - due_on).days),
        "due_state": status.due_state,
    }
