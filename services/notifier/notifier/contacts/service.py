"""Keeps the projections and answers who is known, who is over whom, and under what masked name."""

import base64
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from notifier.contacts import queries
from notifier.contacts.rules import Directory, Unit
from shared.context import Context
from shared.db import Session, fetch_all, fetch_value
from shared.identifiers import mask_name
from shared.messages import ContactsChanged, DepartmentChanged, UnitChanged
from shared.security.sealing import Sealer

PERSON_CONTEXT = "contact.person"


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the notifier knows them; the name is masked, the phone only counted."""

    person_id: UUID
    code: str
    name_masked: str
    has_phone: bool


async def keep_people(session: Session, message: ContactsChanged) -> list[UUID]:
    """Keep newer contacts and return whose they were."""
    newest = {}
    for contact in sorted(message.people, key=lambda one: one.version):
        newest[contact.person_id] = contact
    people = list(newest.values())
    rows = await fetch_all(
        session,
        queries.KEEP_PEOPLE,
        person_ids=[one.person_id for one in people],
        health_code_ids=[one.health_code_id for one in people],
        unit_codes=[" ".join(one.unit_codes) for one in people],
        contacts=[base64.b64decode(one.sealed) for one in people],
        versions=[one.version for one in people],
    )
    return [row["person_id"] for row in rows]


async def keep_unit(session: Session, message: UnitChanged) -> bool:
    """Keep a newer unit; False if a newer one was known."""
    return None is not await fetch_value(
        session,
        queries.KEEP_UNIT,
        unit_code=message.unit_code,
        unit_name=message.unit_name,
        township_code=message.township_code,
        department_code=message.department_code,
        contact=base64.b64decode(message.contact),
        revision=message.revision,
        industry_code=message.industry_code,
        attributes=json.dumps(message.attributes),
        closed_on=message.closed_on and date.fromisoformat(message.closed_on),
    )


async def keep_department(session: Session, message: DepartmentChanged) -> bool:
    """Keep a newer department; False if a newer one was known."""
    return None is not await fetch_value(
        session,
        queries.KEEP_DEPARTMENT,
        code=message.code,
        department_name=message.department_name,
        level=message.level,
        role=message.role,
        parent_code=message.parent_code,
        contact=base64.b64decode(message.contact),
        revision=message.revision,
    )


async def directory(
    session: Session, *, person_ids: Collection[UUID] = (), unit_codes: Iterable[str | None] = ()
) -> Directory:
    """Return what is known of these people, their units and these units."""
    people = {
        row["person_id"]: tuple(row["unit_codes"])
        for row in await fetch_all(session, queries.PEOPLE, person_ids=list(person_ids))
    }
    codes = {code for code in unit_codes if code}.union(*people.values())
    units = {
        row["unit_code"]: Unit(row["township_code"], row["department_code"])
        for row in await fetch_all(session, queries.UNITS, unit_codes=sorted(codes))
    }
    holders = await fetch_all(session, queries.HOLDERS)
    return Directory(
        people=people,
        units=units,
        cdc=tuple(row["code"] for row in holders if row["role"] == "cdc"),
        headquarters=tuple(row["code"] for row in holders if row["role"] == "headquarters"),
        leaders=tuple(row["code"] for row in holders if row["role"] == "leaders"),
    )


async def known_people(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID]
) -> dict[UUID, Known]:
    """Return the people of whom a contact has come."""
    rows = await fetch_all(session, queries.PEOPLE, person_ids=list(person_ids))
    return {row["person_id"]: _known(context.sealer, row) for row in rows}


def masked_name(sealer: Sealer, contact: bytes) -> str:
    """Return the masked name of a person's sealed contact."""
    return mask_name(sealer.open_json(contact, context=PERSON_CONTEXT)["name"])


def _known(sealer: Sealer, row: Any) -> Known:  # noqa: ANN401 - a row mapping
    opened = sealer.open_json(row["contact"], context=PERSON_CONTEXT)
    return Known(
        person_id=row["person_id"],
        code=row["health_code_id"] or str(row["person_id"]),
        name_masked=mask_name(opened["name"]),
        has_phone=bool(opened.get("phone")),
    )
