"""Moves people in one transaction, through the same writing as every other change of an enrolment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.people import errors as people_errors
from registry.people import queries as people_queries
from registry.people.departments import departments_of
from registry.people.reading import units_seen, visible_person
from registry.people.rows import Derived, Enrolment, Person, Place
from registry.people.rules import put
from registry.people.storing import lock_people, save
from registry.transfers import errors
from registry.transfers.rules import SAME_PLACE, Refusal, moved
from registry.transfers.schemas import PlaceFrom, PlaceTo, TransferIn
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, full_sight
from shared.errors import CATALOGUE, NOT_FOUND, Problem, refusal_of
from shared.security.access import Principal


async def transfer(
    session: Session,
    context: Context[Any],
    wanted: TransferIn,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """End one stay and begin another on the same day; again changes nothing.

    Problem 404 outside the area; 422 or 409 where the days or places do not fit.
    """
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    old, new = wanted.from_, wanted.to
    same = (old.unit_code, old.category_code) == (new.unit_code, new.category_code)
    if same and (new.category_code is not None or new.department_in_unit is None):
        raise refusal_of(CATALOGUE[SAME_PLACE], "to")
    await _check_places(session, old, new, who=who)
    async with full_sight(session):  # the duty may come from any unit
        people, stored = await lock_people(session, people_queries.LOCK_BY_ID, person_id=person_id)
        if not people:
            raise Problem(NOT_FOUND)
        ((_, person),) = people.items()
        named = [] if new.category_code is not None else [(new.unit_code, new.department_in_unit)]
        departments = await departments_of(session, context, named, today=day_of(now))
        _move(person, wanted, departments, today=day_of(now))
        await save(session, context, people, stored, {}, by=who.client_id, now=now)


async def leave(
    session: Session,
    context: Context[Any],
    *,
    person_id: UUID,
    place: Place,
    left_on: date,
    who: Principal,
    now: datetime,
) -> None:
    """End a stay on a day; Problem 422 for a place where the person is not, or a day before they came."""
    if place[0] is not None and place[0] not in await units_seen(session, codes=[place[0]], who=who):
        raise refusal_of(people_errors.UNKNOWN_UNIT, "leaving.unit_code")
    async with full_sight(session):
        people, stored = await lock_people(session, people_queries.LOCK_BY_ID, person_id=person_id)
        for person in people.values():
            stay = person.enrolments.get(place)
            if stay is None:
                raise refusal_of(errors.FROM_NOWHERE, "leaving")
            if left_on < stay.enrolled_on:
                raise refusal_of(people_errors.LEFT_BEFORE_ENROLLED, "leaving.left_on")
            put(person, place, replace(stay, left_on=left_on))
        await save(session, context, people, stored, {}, by=who.client_id, now=now)


def _move(
    person: Person, wanted: TransferIn, departments: Mapping[tuple[str, str], Derived], *, today: date
) -> None:
    to = wanted.to
    old = _standing(person, (wanted.from_.unit_code, wanted.from_.category_code), today=today)
    new, entry_id = (to.unit_code, to.category_code), None
    if to.category_code is None:
        derived = departments.get((to.unit_code or "", to.department_in_unit or ""))
        if derived is not None:
            new, entry_id = (to.unit_code, derived.category_code), derived.entry_id
        elif to.unit_code == old[0] and to.department_in_unit is not None:
            new = old  # a department that nobody knows takes no duty away
    if new == old:
        _stay_on(person, old, to.department_in_unit, entry_id)
        return
    asked = Enrolment(wanted.on, None, to.department_in_unit, to.employment_type, entry_id)
    stays = moved(person.enrolments.get(old), person.enrolments.get(new), on=wanted.on, wanted=asked)
    if isinstance(stays, Refusal):
        raise refusal_of(CATALOGUE[stays.code], stays.field)
    for place, stay in zip((old, new), stays, strict=True):
        put(person, place, stay)


def _standing(person: Person, place: Place, *, today: date) -> Place:
    """Return the place that is meant: without a code the one whose code a department gave, if any."""
    if place[1] is None and place[0] is not None:
        for other, stay in person.enrolments.items():
            if other[0] == place[0] and stay.derived_from is not None and stay.ends_after(today):
                return other
    return place


def _stay_on(person: Person, place: Place, department: str | None, entry_id: int | None) -> None:
    """Let a stay go on in another department of the same code."""
    stay = person.enrolments.get(place)
    if stay is None:
        raise refusal_of(errors.FROM_NOWHERE, "from")
    changed = replace(stay, department_in_unit=department)
    put(person, place, replace(changed, derived_from=entry_id) if entry_id and stay.derived_from else changed)


async def _check_places(session: Session, old: PlaceFrom, new: PlaceTo, *, who: Principal) -> None:
    """Refuse units outside the area, and codes that nobody knows."""
    known = await units_seen(session, codes=[old.unit_code, new.unit_code], who=who)
    for name, place in (("from", old), ("to", new)):
        if place.unit_code is None and place.category_code is None:
            raise refusal_of(errors.FROM_NOWHERE if name == "from" else people_errors.UNKNOWN_UNIT, name)
        if place.unit_code is None and who.limited:
            raise refusal_of(people_errors.UNIT_NEEDED, f"{name}.unit_code")
        if place.unit_code is not None and place.unit_code not in known:
            raise refusal_of(people_errors.UNKNOWN_UNIT, f"{name}.unit_code")
    if new.category_code is not None:
        rows = await fetch_all(session, people_queries.CATEGORIES, codes=[new.category_code])
        if not rows:
            raise refusal_of(people_errors.UNKNOWN_CATEGORY, "to.category_code")
