"""The four sides of a unit, the checks of its contact, its testers, and what is missing."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.licences.service import with_days
from registry.responsibility import errors, queries
from registry.responsibility.schemas import TesterIn
from registry.units import queries as unit_queries
from registry.units.contacts import titled
from registry.units.reading import visible
from shared import bus
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.ids import new_id
from shared.messages import ContactLapsed
from shared.security.access import Principal

MOST_AT_ONCE = 200


async def sides(
    session: Session, context: Context[Any], *, unit_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return who answers for a unit on all four sides; Problem 404 outside the caller's area."""
    unit = await visible(session, unit_code=unit_code, who=who)
    today = day_of(now)
    days = context.settings.contact_confirmation_days
    confirmed = unit["contact_confirmed_on"] or day_of(unit["created_at"])
    testers = [_tester(row) for row in await fetch_all(session, queries.TESTERS, unit_code=unit_code)]
    active = unit["closed_on"] is None or unit["closed_on"] > today
    missing = await fetch_value(
        session, queries.ONE, unit_code=unit_code, **_filters(who, today=today, days=days)
    )
    names = await _names(session, (unit["township_code"], unit["department_code"]))
    return {
        "unit_code": unit_code,
        "name": unit["name"],
        "active": active,
        "township": {"code": unit["township_code"], "name": names.get(unit["township_code"])},
        "department": {
            "code": unit["department_code"],
            "name": names.get(unit["department_code"]),
            "basis": unit["department_basis"],
            **await _basis(session, unit["department_basis"]),
        },
        "unit": {
            "contact": titled(context, unit["sealed_contact"]),
            "confirmed_on": confirmed.isoformat(),
            "expires_on": (confirmed + timedelta(days=days)).isoformat(),
            "problem": unit["contact_problem"],
            "data_entry": titled(context, unit["sealed_data_entry"]),
        },
        "person": {
            "enrolled": await fetch_value(session, queries.ENROLLED, unit_code=unit_code, today=today)
        },
        "tester": next((each for each in testers if _holds(each, today)), None),
        "testers": testers,
        "missing": missing or [],
    }


def _holds(tester: dict[str, Any], today: date) -> bool:
    day, ends = today.isoformat(), tester["effective_to"]
    return tester["effective_from"] <= day and (ends is None or day <= ends)


async def _names(session: Session, codes: Sequence[str | None]) -> dict[str | None, str]:
    """Return the names of a unit's bodies: known to whoever sees the unit."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.NAMES, codes=[code for code in codes if code])
    return {row["code"]: row["name"] for row in rows}


async def _basis(session: Session, basis: str) -> dict[str, str | None]:
    kind, _, numbers = basis.partition(":")
    if kind != "map":
        return {"basis_text": None, "principle": None}
    map_ids = [int(number) for number in numbers.split(",")]
    row = await fetch_one(session, queries.BASIS, map_ids=map_ids)
    return {name: row[name] if row else None for name in ("basis_text", "principle")}


def _filters(
    who: Principal,
    *,
    today: date,
    days: int,
    township_code: str | None = None,
    department_code: str | None = None,
) -> dict[str, Any]:
    return {
        "area_township": who.township,
        "area_department": who.department,
        "township_code": township_code,
        "department_code": department_code,
        "today": today,
        "days": days,
    }


async def incomplete(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    today: date,
    after: str,
    limit: int,
    kind: str | None,
    township_code: str | None,
    department_code: str | None,
) -> Sequence[RowMapping]:
    """Return active units inside the caller's area that miss something, by code."""
    days = context.settings.contact_confirmation_days
    filters = _filters(
        who, today=today, days=days, township_code=township_code, department_code=department_code
    )
    return await fetch_all(session, queries.PAGE, after=after, limit=limit, kind=kind, **filters)


async def report(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    today: date,
    township_code: str | None,
    department_code: str | None,
) -> dict[str, Any]:
    """Return how many active units miss what, in all and by department and township."""
    days = context.settings.contact_confirmation_days
    filters = _filters(
        who, today=today, days=days, township_code=township_code, department_code=department_code
    )
    totals = await fetch_all(session, queries.TOTALS, **filters)
    counts = await fetch_all(session, queries.COUNTS, **filters)
    of = {(row["department_code"], row["township_code"]): row["units"] for row in totals}
    units = sum(of.values())
    lacking = sum(row["incomplete"] for row in totals)
    kinds: dict[str, int] = {}
    for row in counts:
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + row["units"]
    return {
        "units": units,
        "complete": units - lacking,
        "incomplete": lacking,
        "kinds": [{"kind": kind, "units": count} for kind, count in sorted(kinds.items())],
        "rows": [{**row, "of": of[row["department_code"], row["township_code"]]} for row in counts],
    }


async def check_contact(
    session: Session, *, unit_code: str, outcome: str, who: Principal, today: date
) -> None:
    """Keep what a call to the responsible person showed; a problem becomes a task within a minute."""
    await visible(session, unit_code=unit_code, who=who)
    await execute(session, queries.CHECKED, unit_code=unit_code, outcome=outcome, today=today)


async def lapse(session: Session, context: Context[Any]) -> bool:
    """Tell notifier of contacts that nobody has confirmed for too long, or that were reported."""
    now = await context.clock.now(session)
    rows = await fetch_all(
        session,
        queries.LAPSED,
        today=day_of(now),
        days=context.settings.contact_confirmation_days,
        most=MOST_AT_ONCE,
    )
    for row in sorted(rows, key=lambda row: str(row["unit_code"])):
        message = ContactLapsed(
            unit_code=row["unit_code"],
            township_code=row["township_code"],
            department_code=row["department_code"],
            reason=row["contact_problem"] or "expired",
            confirmed_on=row["confirmed_on"].isoformat(),
            day=day_of(now).isoformat(),
        )
        await bus.publish(session, message, now=now)
    return len(rows) == MOST_AT_ONCE


async def assign_tester(
    session: Session, wanted: TesterIn, *, unit_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Assign who tests a unit; the unit is held, so that two assignments follow each other."""
    await visible(session, unit_code=unit_code, who=who)
    await fetch_one(session, unit_queries.LOCK, unit_code=unit_code)
    if wanted.effective_to is not None and wanted.effective_to < wanted.effective_from:
        raise refusal_of(errors.DAYS_REVERSED, "effective_to")
    # A hospital tests units of other towns: its name is all that is shown of it.
    async with full_sight(session):
        name = await fetch_value(session, queries.INSTITUTION, unit_code=wanted.institution_code)
    if name is None:
        raise refusal_of(errors.UNKNOWN_INSTITUTION, "institution_code")
    standing = await fetch_all(session, queries.TESTERS, unit_code=unit_code)
    _refuse_overlap(standing, wanted.effective_from, wanted.effective_to)
    row = await fetch_one(
        session,
        queries.INSERT_TESTER,
        tester_id=new_id(now),
        unit_code=unit_code,
        institution_name=name,
        created_by=who.client_id,
        now=now,
        **wanted.model_dump(),
    )
    return _tester(row)


async def end_tester(
    session: Session, *, unit_code: str, tester_id: UUID, effective_to: date | None, who: Principal
) -> dict[str, Any]:
    """Give an assignment its last day, or none."""
    await visible(session, unit_code=unit_code, who=who)
    await fetch_one(session, unit_queries.LOCK, unit_code=unit_code)
    standing = await fetch_all(session, queries.TESTERS, unit_code=unit_code)
    mine = next((row for row in standing if row["tester_id"] == tester_id), None)
    if mine is None:
        raise Problem(NOT_FOUND)
    if effective_to is not None and effective_to < mine["effective_from"]:
        raise refusal_of(errors.DAYS_REVERSED, "effective_to")
    others = [row for row in standing if row["tester_id"] != tester_id]
    _refuse_overlap(others, mine["effective_from"], effective_to)
    row = await fetch_one(
        session, queries.END_TESTER, unit_code=unit_code, tester_id=tester_id, effective_to=effective_to
    )
    return _tester(row)


def _refuse_overlap(standing: Sequence[RowMapping], begins: date, ends: date | None) -> None:
    for row in standing:
        if row["effective_from"] <= (ends or date.max) and begins <= (row["effective_to"] or date.max):
            raise Problem(errors.TESTER_OVERLAPS)


def _tester(row: RowMapping | None) -> dict[str, Any]:
    if row is None:
        raise AssertionError
    return with_days(row, "effective_from", "effective_to")
