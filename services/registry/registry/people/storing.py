"""Loads people under lock in person order, and writes and tells what the rules left of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, TextClause

from registry.people import queries
from registry.people.rows import Document, Enrolment, Person, Stored
from registry.people.telling import tell
from registry.statuses import holding
from registry.statuses import service as statuses
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import mask_name
from shared.ids import new_id

SEALED_CONTACT: Final = "contact.person"
SEALED_ID_NO: Final = "person.id_no"


class Raced(Exception):  # noqa: N818 - an expected outcome: take the transaction again
    """Somebody else registered one of these people, or took a code, between our look and our write."""


async def lock_people(
    session: Session,
    statement: TextClause,
    **parameters: Any,  # noqa: ANN401 - values of a statement
) -> tuple[dict[Document, Person], dict[Document, Stored]]:
    """Lock people in person order and return them with their enrolments, by document."""
    rows = await fetch_all(session, statement, **parameters)
    enrolments: dict[UUID, dict[tuple[str | None, str | None], Enrolment]] = {}
    for row in await fetch_all(session, queries.ENROLMENTS, person_ids=[row["person_id"] for row in rows]):
        enrolments.setdefault(row["person_id"], {})[row["unit_code"], row["category_code"]] = Enrolment(
            row["enrolled_on"],
            row["left_on"],
            row["department_in_unit"],
            row["employment_type"],
            row["derived_from"],
        )
    people: dict[Document, Person] = {}
    stored: dict[Document, Stored] = {}
    for row in rows:
        document = (row["id_type"], bytes(row["id_index"]))
        people[document] = _person(row, enrolments.get(row["person_id"], {}))
        stored[document] = Stored(row["person_id"], row["version"], row["sealed_contact"])
    return people, stored


async def hold_person(session: Session, person_id: UUID) -> None:
    """Lock one person, so that changes to them follow each other; Problem 404 if there is none."""
    if await fetch_one(session, queries.HOLD, person_id=person_id) is None:
        raise Problem(NOT_FOUND)


def _person(row: RowMapping, enrolments: dict[tuple[str | None, str | None], Enrolment]) -> Person:
    return Person(
        new=False,
        name_index=row["name_index"],
        phone_index=row["phone_index"],
        health_code_id=row["health_code_id"],
        vaccination_completed_on=row["vaccination_completed_on"],
        enrolments=enrolments,
    )


def masked_name(context: Context[Any], sealed_contact: bytes) -> str:
    """Return the name of a stored contact, masked."""
    return mask_name(context.sealer.open_json(sealed_contact, context=SEALED_CONTACT)["name"])


async def save(
    session: Session,
    context: Context[Any],
    people: Mapping[Document, Person],
    stored: dict[Document, Stored],
    id_nos: Mapping[Document, str],
    *,
    by: str,
    now: datetime,
) -> None:
    """Write everybody who changed, recompute their statuses, tell the other services."""
    touched = {document: person for document, person in people.items() if person.changed}
    if not touched:
        return
    await holding.entering(session)
    _reseal(context, touched, stored)
    await _update(session, touched, stored, by=by, now=now)
    await _insert(session, context, touched, stored, id_nos, by=by, now=now)
    await _enrol(session, touched, stored, by=by, now=now)
    removed = await _keep_lost_codes(session, touched, stored, by=by, now=now)
    if removed:
        await statuses.code_changed(session, removed=removed)
    ids = sorted(stored[document].person_id for document in touched)
    await statuses.refresh(session, context, person_ids=ids, now=now)
    await tell(session, touched, stored, now=now)


def _reseal(
    context: Context[Any], touched: Mapping[Document, Person], stored: Mapping[Document, Stored]
) -> None:
    for document, person in touched.items():
        if person.new or not person.changed & {"name", "phone"}:
            continue
        known = stored[document]
        contact = context.sealer.open_json(known.sealed_contact, context=SEALED_CONTACT)
        if "name" in person.changed:
            contact["name"] = person.new_name
        if "phone" in person.changed:
            contact["phone"] = person.new_phone
        known.sealed_contact = context.sealer.seal_json(contact, context=SEALED_CONTACT)


async def _update(
    session: Session,
    touched: Mapping[Document, Person],
    stored: Mapping[Document, Stored],
    *,
    by: str,
    now: datetime,
) -> None:
    changed = sorted(
        ((stored[document], person) for document, person in touched.items() if not person.new),
        key=lambda pair: pair[0].person_id,
    )
    if not changed:
        return
    await execute(
        session,
        queries.UPDATE_PEOPLE,
        person_ids=[known.person_id for known, _ in changed],
        name_indexes=[person.name_index for _, person in changed],
        phone_indexes=[person.phone_index for _, person in changed],
        sealed_contacts=[known.sealed_contact for known, _ in changed],
        codes=[person.health_code_id for _, person in changed],
        vaccinations=[person.vaccination_completed_on for _, person in changed],
        changed_by=by,
        now=now,
    )
    for known, _ in changed:
        known.version += 1


async def _insert(
    session: Session,
    context: Context[Any],
    touched: Mapping[Document, Person],
    stored: dict[Document, Stored],
    id_nos: Mapping[Document, str],
    *,
    by: str,
    now: datetime,
) -> None:
    # In document order, so that two bulks of the same new people wait for each other, never in a ring.
    new = [(document, touched[document]) for document in sorted(touched) if touched[document].new]
    if not new:
        return
    for document, person in new:
        contact = {"name": person.new_name, "phone": person.new_phone}
        sealed = context.sealer.seal_json(contact, context=SEALED_CONTACT)
        stored[document] = Stored(new_id(now), 1, sealed)
    inserted = await execute(
        session,
        queries.INSERT_PEOPLE,
        person_ids=[stored[document].person_id for document, _ in new],
        id_types=[document[0] for document, _ in new],
        id_indexes=[document[1] for document, _ in new],
        sealed_id_nos=[
            context.sealer.seal(id_nos[document].encode(), context=SEALED_ID_NO) for document, _ in new
        ],
        name_indexes=[person.name_index for _, person in new],
        phone_indexes=[person.phone_index for _, person in new],
        sealed_contacts=[stored[document].sealed_contact for document, _ in new],
        codes=[person.health_code_id for _, person in new],
        vaccinations=[person.vaccination_completed_on for _, person in new],
        created_by=by,
        now=now,
    )
    if inserted != len(new):
        raise Raced


async def _enrol(
    session: Session,
    touched: Mapping[Document, Person],
    stored: Mapping[Document, Stored],
    *,
    by: str,
    now: datetime,
) -> None:
    wanted = [
        (stored[document].person_id, place, person.enrolments[place])
        for document, person in touched.items()
        for place in person.changed_places
    ]
    if not wanted:
        return
    await execute(
        session,
        queries.UPSERT_ENROLMENTS,
        enrolment_ids=[new_id(now) for _ in wanted],
        person_ids=[person_id for person_id, _, _ in wanted],
        unit_codes=[place[0] for _, place, _ in wanted],
        category_codes=[place[1] for _, place, _ in wanted],
        departments=[e.department_in_unit for _, _, e in wanted],
        employments=[e.employment_type for _, _, e in wanted],
        enrolled_ons=[e.enrolled_on for _, _, e in wanted],
        left_ons=[e.left_on for _, _, e in wanted],
        derived_froms=[e.derived_from for _, _, e in wanted],
        created_by=by,
        now=now,
    )


async def _keep_lost_codes(
    session: Session,
    touched: Mapping[Document, Person],
    stored: Mapping[Document, Stored],
    *,
    by: str,
    now: datetime,
) -> list[tuple[str, str | None]]:
    lost = [
        (code, stored[document].person_id, person.health_code_id)
        for document, person in touched.items()
        for code in person.lost_codes
    ]
    if lost:
        await execute(
            session,
            queries.INSERT_HISTORY,
            codes=[code for code, _, _ in lost],
            person_ids=[person_id for _, person_id, _ in lost],
            replaced_bys=[replaced_by for _, _, replaced_by in lost],
            changed_by=by,
            now=now,
        )
    return [(code, replaced_by) for code, _, replaced_by in lost]
