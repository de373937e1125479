"""Breaches as they are shown: of units inside the caller's area, people masked, looks at them recorded."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.breaches import queries
from registry.findings.reading import masked
from registry.lists import local
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import NOT_FOUND, Problem
from shared.security.principal import Principal


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    week: date | None = None
    unit_code: str | None = None
    department_code: str | None = None
    township_code: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: at units of a week, or in an earlier one."""

    week: date
    unit_code: str


async def page(
    session: Session, *, who: Principal, wanted: Filter, after: Place, limit: int
) -> list[dict[str, Any]]:
    """Return breaches, the newest week first."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        **_area(who),
        **asdict(wanted),
        before_week=after.week,
        after_unit=after.unit_code,
        limit=limit,
    )
    return [_shown(row) for row in rows]


async def visible(session: Session, *, breach_id: UUID, who: Principal) -> dict[str, Any]:
    """Return a breach; Problem 404 outside the area."""
    row = await fetch_one(session, queries.ONE, breach_id=breach_id, **_area(who))
    if row is None:
        raise Problem(NOT_FOUND)
    return _shown(row)


async def people(
    session: Session,
    context: Context[Any],
    *,
    breach_id: UUID,
    who: Principal,
    after: int,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the people of a breach; the look is recorded."""
    rows = await fetch_all(session, queries.PEOPLE, breach_id=breach_id, after=after, limit=limit)
    await record(
        session, context, who=who, action="breach.read", subject=str(breach_id), rows=len(rows), now=now
    )
    hidden = ("sealed_contact", "sealed_identity")
    return [
        {
            **{name: value for name, value in row.items() if name not in hidden},
            "name_masked": masked(context, row),
        }
        for row in rows
    ]


def _area(who: Principal) -> dict[str, str | None]:
    return {"area_township": who.township, "area_department": who.department}


def _shown(row: RowMapping) -> dict[str, Any]:
    return {**local(row), "week": row["week_on"], "shares": json_of(row["shares"])}
