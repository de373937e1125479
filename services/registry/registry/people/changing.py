"""Changes to one known person by an administrator: also what a bulk row cannot say, taking away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from registry.departments.errors import EMPTY_PATCH
from registry.people import errors, queries
from registry.people.reading import visible_person
from registry.people.rows import Document, Person
from registry.people.schemas import PersonPatch
from registry.people.storing import lock_people, save
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_one, full_sight
from shared.db_errors import UNIQUE_VIOLATION, sqlstate
from shared.errors import DAY_IN_FUTURE, NOT_FOUND, Problem, refusal_of
from shared.identifiers import normalise_name
from shared.security.access import Principal


async def change(
    session: Session,
    context: Context[Any],
    patch: PersonPatch,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Apply a patch to a person; Problem 404 outside the area, 409 for a code held by another."""
    if not patch.model_fields_set:
        raise Problem(EMPTY_PATCH)
    if "name" in patch.model_fields_set and patch.name is None:
        raise refusal_of(EMPTY_PATCH, "name")
    vaccinated = patch.vaccination_completed_on
    if vaccinated is not None and vaccinated > day_of(now):
        raise refusal_of(DAY_IN_FUTURE, "vaccination_completed_on")
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    async with full_sight(session):  # a code may be held by anybody, duties may come from any unit
        await _change(session, context, patch, person_id=person_id, who=who, now=now)


async def _change(
    session: Session,
    context: Context[Any],
    patch: PersonPatch,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    people, stored = await lock_people(session, queries.LOCK_BY_ID, person_id=person_id)
    if not people:
        raise Problem(NOT_FOUND)
    ((document, person),) = people.items()
    _set_contact(context, patch, person)
    vaccinated = patch.vaccination_completed_on
    if "vaccination_completed_on" in patch.model_fields_set and vaccinated != person.vaccination_completed_on:
        person.vaccination_completed_on = vaccinated
        person.changed.add("vaccination")
    if "health_code_id" in patch.model_fields_set:
        await _set_code(session, patch.health_code_id, document, person)
    try:
        async with session.begin_nested():
            await save(session, context, people, stored, {}, by=who.client_id, now=now)
    except IntegrityError as error:
        if sqlstate(error) != UNIQUE_VIOLATION:
            raise
        # Somebody else was given the code since it was looked for.
        raise refusal_of(errors.HEALTH_CODE_TAKEN, "health_code_id") from None


def _set_contact(context: Context[Any], patch: PersonPatch, person: Person) -> None:
    if patch.name is not None:
        index = context.index.of("name", normalise_name(patch.name))
        if index != person.name_index:
            person.changed.update(("name", "identity"))
            person.name_index, person.new_name = index, patch.name
    if "phone" in patch.model_fields_set:
        phone = None if patch.phone is None else context.index.of("phone", patch.phone)
        if phone != person.phone_index:
            person.phone_index, person.new_phone = phone, patch.phone
            person.changed.add("phone")


async def _set_code(session: Session, code: str | None, document: Document, person: Person) -> None:
    if code == person.health_code_id:
        return
    holder = None
    if code is not None:
        holder = await fetch_one(session, queries.HOLDERS, codes=[code])
    if holder is not None and (holder["id_type"], bytes(holder["id_index"])) != document:
        raise refusal_of(errors.HEALTH_CODE_TAKEN, "health_code_id")
    if person.health_code_id is not None:
        person.lost_codes.append(person.health_code_id)
    person.health_code_id = code
    person.changed.update(("health_code_id", "identity"))
