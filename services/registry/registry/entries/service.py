"""How soon units enter who begins and who leaves."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.entries import queries
from registry.lists import local
from registry.units.reading import visible
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, fetch_all
from shared.security.access import Principal


@dataclass(frozen=True, slots=True)
class Period:
    """Days of entry, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    unit_code: str | None = None
    township_code: str | None = None
    department_code: str | None = None


async def units(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    period: Period,
    wanted: Filter,
    after: str,
    limit: int,
) -> list[dict[str, Any]]:
    """Return units with entries in the period, by code."""
    rows = await fetch_all(
        session,
        queries.UNITS,
        first=period.first,
        last=period.last,
        go_live_on=context.settings.go_live_on,
        allowed=context.settings.entry_lag_days,
        unit_code=wanted.unit_code,
        township_code=wanted.township_code,
        department_code=wanted.department_code,
        area_township=who.township,
        area_department=who.department,
        after=after,
        limit=limit,
    )
    return [
        {**dict(row), "left": row["gone"], "late_share": round(row["late"] / row["entered"], 4)}
        for row in rows
    ]


async def late(
    session: Session,
    context: Context[Any],
    *,
    unit_code: str,
    who: Principal,
    period: Period,
    after: tuple[UUID, str, date],
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return a unit's late entries; Problem 404 outside the area. The look is recorded."""
    await visible(session, unit_code=unit_code, who=who)
    rows = await fetch_all(
        session,
        queries.LATE,
        unit_code=unit_code,
        first=period.first,
        last=period.last,
        go_live_on=context.settings.go_live_on,
        allowed=context.settings.entry_lag_days,
        after_id=after[0],
        after_what=after[1],
        after_day=after[2],
        limit=limit,
    )
    await record(session, context, who=who, action="entries.late", subject=unit_code, rows=len(rows), now=now)
    return [local(row) for row in rows]
