"""Showing a person's number, name and phone in clear: a call of its own, by a named person, with a reason."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.people import disclosure_queries, errors, queries
from registry.people.reading import visible_person
from registry.people.schemas import DisclosureIn
from registry.people.storing import SEALED_CONTACT, SEALED_ID_NO
from shared.audit.buffer import Note, write
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.errors import Problem
from shared.ids import new_id
from shared.security.access import Principal

SEALED_AS: Final = "disclosure.reason"
REASON_INDEX: Final = "audit.reason"


async def disclose(
    session: Session,
    context: Context[Any],
    wanted: DisclosureIn,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Return the fields in clear; Problem 404 outside the area, 403 for a system.

    The reason lies sealed beside the disclosure; the audit row carries its keyed digest, so that the chain
    speaks for the reason too and holds no free text.
    """
    stored = await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    if who.kind != "person":
        raise Problem(errors.NAMED_PERSON_NEEDED)
    disclosure_id = new_id(now)
    fields = sorted(set(wanted.fields))
    await execute(
        session,
        disclosure_queries.INSERT,
        disclosure_id=disclosure_id,
        person_id=person_id,
        client_id=who.client_id,
        fields=fields,
        sealed_reason=context.sealer.seal(wanted.reason.encode(), context=SEALED_AS),
        now=now,
    )
    await record(
        session,
        context,
        who=who,
        action="person.disclosure",
        person_id=person_id,
        subject=str(disclosure_id),
        purpose=f"{'+'.join(fields)} {context.index.of(REASON_INDEX, wanted.reason).hex()}",
        now=now,
    )
    clear = _clear(context, stored)
    return {
        "disclosure_id": disclosure_id,
        "person_id": person_id,
        "id_type": stored["id_type"],
        **{field: clear[field] for field in fields},
    }


async def clear_of(
    session: Session,
    context: Context[Any],
    wanted: DisclosureIn,
    *,
    person_ids: Collection[str],
    who: Principal,
    now: datetime,
) -> dict[str, dict[str, Any]]:
    """Return the fields in clear of those of the people whom the caller may see, each recorded.

    Problem 403 for a system.
    """
    rows = await fetch_all(
        session,
        queries.PEOPLE_SEEN,
        person_ids=sorted(set(person_ids)),
        area_township=who.township,
        area_department=who.department,
        today=day_of(now),
    )
    seen = [row["person_id"] for row in rows]
    await record_disclosures(
        session, context, seen, fields=wanted.fields, reason=wanted.reason, who=who, now=now
    )
    return {
        str(row["person_id"]): {field: clear[field] for field in wanted.fields}
        for row in rows
        for clear in (_clear(context, row),)
    }


def _clear(context: Context[Any], stored: RowMapping) -> dict[str, Any]:
    contact = context.sealer.open_json(stored["sealed_contact"], context=SEALED_CONTACT)
    return {
        "id_no": context.sealer.open(stored["sealed_id_no"], context=SEALED_ID_NO).decode(),
        "name": contact["name"],
        "phone": contact["phone"],
    }


async def record_disclosures(
    session: Session,
    context: Context[Any],
    person_ids: Sequence[UUID],
    *,
    fields: Collection[str],
    reason: str,
    who: Principal,
    now: datetime,
) -> None:
    """Record for each of these people that fields of theirs are shown in clear, and why; 403 for a system."""
    if who.kind != "person":
        raise Problem(errors.NAMED_PERSON_NEEDED)
    named = sorted(set(fields))
    ids = [new_id(now) for _ in person_ids]
    await execute(
        session,
        disclosure_queries.INSERT_MANY,
        disclosure_ids=ids,
        person_ids=list(person_ids),
        sealed_reasons=[context.sealer.seal(reason.encode(), context=SEALED_AS) for _ in ids],
        client_id=who.client_id,
        fields=named,
        now=now,
    )
    purpose = f"{'+'.join(named)} {context.index.of(REASON_INDEX, reason).hex()}"
    notes = [
        Note(now, who.client_id, "person.disclosure", person_id, str(disclosure_id), purpose)
        for person_id, disclosure_id in zip(person_ids, ids, strict=True)
    ]
    await write(session, context.audit.schema, notes)
