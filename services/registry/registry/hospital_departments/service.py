"""The list of hospital departments, what it leaves open, and the stays that follow it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.hospital_departments import errors, queries
from registry.hospital_departments.schemas import HospitalDepartmentIn
from registry.people import errors as people_errors
from registry.people import queries as people_queries
from registry.people.departments import departments_of, hospitals
from registry.people.rows import Known, Row
from registry.people.rules import apply_rows
from registry.people.storing import lock_people, masked_name, save
from registry.units import errors as unit_errors
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.security.access import Principal

MOST_AT_ONCE: Final = 200
# Who changed a stay when the list did.
BY_THE_LIST: Final = "hospital-departments"


async def page(session: Session, *, after: int, limit: int, today: date) -> Sequence[RowMapping]:
    """Return rows of the list, oldest first."""
    return await fetch_all(session, queries.PAGE, after=after, limit=limit, today=today)


async def add(
    session: Session, wanted: HospitalDepartmentIn, *, who: Principal, today: date, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the row and whether it is new; Problem 409 if the name begins on that day with other content."""
    if wanted.effective_to is not None and wanted.effective_to < wanted.effective_from:
        raise refusal_of(unit_errors.DAYS_REVERSED, "effective_to")
    if not await fetch_all(session, people_queries.CATEGORIES, codes=[wanted.category_code]):
        raise refusal_of(people_errors.UNKNOWN_CATEGORY, "category_code")
    values = {**wanted.model_dump(), "department": wanted.department or wanted.name}
    entry_id = await fetch_value(session, queries.INSERT, **values, created_by=who.client_id, now=now)
    if entry_id is not None:
        return await _one(session, entry_id, today=today), True
    key = {"name": wanted.name, "effective_from": wanted.effective_from}
    standing = await fetch_one(session, queries.STANDING, **key)
    if standing is None or any(standing[name] != value for name, value in values.items()):
        raise Problem(errors.DEPARTMENT_IN_USE)
    return await _one(session, standing["entry_id"], today=today), False


async def end(session: Session, *, entry_id: int, effective_to: date | None, today: date) -> dict[str, Any]:
    """Give a row its last day, or none; Problem 404 or 422."""
    begins = await fetch_value(session, queries.FROM, entry_id=entry_id)
    if begins is None:
        raise Problem(NOT_FOUND)
    if effective_to is not None and effective_to < begins:
        raise refusal_of(unit_errors.DAYS_REVERSED, "effective_to")
    await fetch_one(session, queries.END, entry_id=entry_id, effective_to=effective_to)
    return await _one(session, entry_id, today=today)


async def _one(session: Session, entry_id: int, *, today: date) -> dict[str, Any]:
    return dict((await page(session, after=entry_id - 1, limit=1, today=today))[0])


async def defects(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    unit_code: str | None,
    kind: str | None,
    after: UUID,
    limit: int,
    now: datetime,
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Return how many stays there are of each kind, and a page of them; the look is recorded."""
    asked = {
        **hospitals(context),
        "staff_codes": list(context.settings.hospital_staff_codes),
        "area_township": who.township,
        "area_department": who.department,
        "unit_code": unit_code,
        "today": day_of(now),
    }
    counts = await fetch_all(session, queries.COUNTS, **asked)
    rows = await fetch_all(session, queries.DEFECTS, **asked, kind=kind, after=after, limit=limit)
    await record(
        session, context, who=who, action="department-defects.list", rows=len(rows), purpose="list", now=now
    )
    listed = [{**row, "name_masked": masked_name(context, row["sealed_contact"])} for row in rows]
    return {row["kind"]: row["stays"] for row in counts}, listed


async def follow(session: Session, context: Context[Any]) -> bool:
    """Let stays follow the list where it says something new today; True if there may be more."""
    now = await context.clock.now(session)
    today = day_of(now)
    asked = {**hospitals(context), "today": today}
    stale = await fetch_all(session, queries.STALE, **asked, most=MOST_AT_ONCE)
    await fetch_all(session, queries.HOLD, person_ids=[row["person_id"] for row in stale])
    named = [(row["unit_code"], row["department_in_unit"]) for row in stale]
    departments = await departments_of(session, context, named, today=today)
    for row in stale:
        people, stored = await lock_people(session, people_queries.LOCK_BY_ID, person_id=row["person_id"])
        known = Known(
            today=today,
            units=frozenset({row["unit_code"]}),
            categories=frozenset(each.category_code for each in departments.values()),
            holders={},
            departments=departments,
        )
        again = [_as_row(document, row) for document in people]
        apply_rows(again, people, known)
        await save(session, context, people, stored, {}, by=BY_THE_LIST, now=now)
    return len(stale) == MOST_AT_ONCE


def _as_row(document: tuple[str, bytes], stay: RowMapping) -> Row:
    """Return the row that would enrol somebody where they are; it says nothing else of them."""
    return Row(
        number=1,
        document=document,
        id_no="",
        name="",
        name_index=None,
        unit_code=stay["unit_code"],
        department_in_unit=stay["department_in_unit"],
    )
