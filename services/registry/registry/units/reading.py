"""Units as they are shown: inside the caller's area, their contacts masked."""

from typing import Any, Final

from sqlalchemy import RowMapping

from registry.units import queries
from registry.units.contacts import titled
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal

_SHOWN: Final = (
    "unit_id",
    "unit_code",
    "unit_code_type",
    "name",
    "industry_code",
    "township_code",
    "department_code",
    "department_basis",
    "defects",
    "contact_problem",
    "revision",
)


async def get(session: Session, context: Context[Any], *, unit_code: str, who: Principal) -> dict[str, Any]:
    """Return one unit; Problem 404 outside the caller's area."""
    return shown(context, await visible(session, unit_code=unit_code, who=who))


async def visible(session: Session, *, unit_code: str, who: Principal) -> RowMapping:
    """Return the stored unit if the caller may see it; Problem 404 otherwise."""
    stored = await fetch_one(session, queries.BY_CODE, unit_code=unit_code)
    if stored is None or not inside(who, stored):
        raise Problem(NOT_FOUND)
    return stored


async def stands(session: Session, *, unit_code: str, who: Principal) -> bool:
    """Say whether a unit of this code stands inside the caller's area."""
    stored = await fetch_one(session, queries.BY_CODE, unit_code=unit_code)
    return stored is not None and inside(who, stored)


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    after: str,
    limit: int,
    township_code: str | None,
    department_code: str | None,
    defect: str | None,
    unit_code: str | None = None,
) -> list[dict[str, Any]]:
    """Return units inside the caller's area, by code."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=after,
        limit=limit,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
        department_code=department_code,
        defect=defect,
        unit_code=unit_code,
    )
    return [shown(context, row) for row in rows]


def shown(context: Context[Any], stored: RowMapping) -> dict[str, Any]:
    """Return a unit for an answer, its contacts masked."""
    return {
        **{field: stored[field] for field in _SHOWN},
        **{
            field: stored[field] and stored[field].isoformat()
            for field in ("closed_on", "contact_confirmed_on")
        },
        "attributes": json_of(stored["attributes"]),
        "contact": titled(context, stored["sealed_contact"]),
        "data_entry": titled(context, stored["sealed_data_entry"]),
    }


def inside(who: Principal, stored: RowMapping) -> bool:
    """Say whether a stored unit lies in the caller's area."""
    return who.sees(township_code=stored["township_code"], department_code=stored["department_code"])
