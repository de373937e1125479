"""People as they are shown: masked, inside the caller's area, every look recorded."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.people import queries
from registry.people.exempting import exemptions_of
from registry.people.storing import SEALED_CONTACT, SEALED_ID_NO, masked_name
from registry.units.reading import visible
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import mask_id_no, mask_name, mask_phone
from shared.security.access import Principal

_ENROLMENT = (
    "enrolment_id", "unit_code", "category_code", "department_in_unit", "employment_type", "derived_from",
)  # fmt: skip


async def person_by_code(
    session: Session, context: Context[Any], *, health_code_id: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return whoever holds a code, or held it last; Problem 404."""
    person_id = await fetch_value(session, queries.BY_HEALTH_CODE, health_code_id=health_code_id)
    if person_id is None:
        raise Problem(NOT_FOUND)
    return await person(session, context, person_id=person_id, who=who, now=now, purpose="by_health_code")


async def person(
    session: Session,
    context: Context[Any],
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
    purpose: str = "by_person_id",
) -> dict[str, Any]:
    """Return a person, masked; the look is recorded in the same transaction."""
    stored = await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    enrolments = await fetch_all(
        session,
        queries.ENROLMENTS_SEEN,
        person_id=person_id,
        area_township=who.township,
        area_department=who.department,
    )
    await record(
        session, context, who=who, action="person.read", person_id=person_id, purpose=purpose, now=now
    )
    contact = context.sealer.open_json(stored["sealed_contact"], context=SEALED_CONTACT)
    id_no = context.sealer.open(stored["sealed_id_no"], context=SEALED_ID_NO).decode()
    return {
        "person_id": person_id,
        "health_code_id": stored["health_code_id"],
        "id_type": stored["id_type"],
        "id_no_masked": mask_id_no(id_no),
        "name_masked": mask_name(contact["name"]),
        "phone_masked": None if contact["phone"] is None else mask_phone(contact["phone"]),
        "vaccination_completed_on": _day(stored["vaccination_completed_on"]),
        "enrolments": [_enrolment(row) for row in enrolments],
        "exemptions": await exemptions_of(session, context, person_id=person_id),
    }


async def visible_person(session: Session, *, person_id: UUID, who: Principal, today: date) -> RowMapping:
    """Return the stored person if the caller may see them; Problem 404 otherwise."""
    stored = await fetch_one(
        session,
        queries.PERSON,
        person_id=person_id,
        area_township=who.township,
        area_department=who.department,
        today=today,
    )
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


async def units_seen(session: Session, *, codes: Sequence[str | None], who: Principal) -> frozenset[str]:
    """Return those of the codes that are units inside the caller's area."""
    found = await fetch_all(
        session,
        queries.UNITS,
        codes=sorted({code for code in codes if code is not None}),
        area_township=who.township,
        area_department=who.department,
    )
    return frozenset(row["unit_code"] for row in found)


async def people_of_unit(
    session: Session,
    context: Context[Any],
    *,
    unit_code: str,
    who: Principal,
    now: datetime,
    after: tuple[UUID, UUID],
    limit: int,
    former: bool,
) -> list[dict[str, Any]]:
    """Return a unit's enrolments, masked; former ones only if asked for."""
    await visible(session, unit_code=unit_code, who=who)
    rows = await fetch_all(
        session,
        queries.UNIT_PEOPLE,
        unit_code=unit_code,
        after_person=after[0],
        after_enrolment=after[1],
        former=former,
        today=day_of(now),
        limit=limit,
    )
    await record(
        session,
        context,
        who=who,
        action="people.list",
        subject=unit_code,
        purpose="unit",
        rows=len(rows),
        now=now,
    )
    return _listed(context, rows)


def _listed(context: Context[Any], rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    return [
        {
            **_enrolment(row),
            "person_id": row["person_id"],
            "health_code_id": row["health_code_id"],
            "records": row["records"],
            "name_masked": masked_name(context, row["sealed_contact"]),
        }
        for row in rows
    ]


def _enrolment(row: RowMapping) -> dict[str, Any]:
    given = "given" if row["category_code"] is not None else None
    return {
        **{field: row[field] for field in _ENROLMENT if field in row},
        "category_basis": given if row["derived_from"] is None else "department",
        "enrolled_on": _day(row["enrolled_on"]),
        "left_on": _day(row["left_on"]),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
