"""Tells the other services who somebody is and how they are reached."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeVar

from registry.people.rows import Document, Person, Stored
from registry.people.rules import units_of
from shared import bus
from shared.clock import day_of
from shared.db import Session
from shared.messages import ContactsChanged, IdentitiesChanged
from shared.messages.identities import Contact, Identity

IN_ONE_MESSAGE: Final = 2_000

T = TypeVar("T")


async def tell(
    session: Session, touched: Mapping[Document, Person], stored: Mapping[Document, Stored], *, now: datetime
) -> None:
    """Publish whose identity or contact has changed, in messages of at most `IN_ONE_MESSAGE`."""
    identities = [
        _identity(document, person, stored[document])
        for document, person in touched.items()
        if "identity" in person.changed
    ]
    contacts = [
        _contact(person, stored[document], today=day_of(now))
        for document, person in touched.items()
        if person.changed - {"vaccination"}
    ]
    for some in _chunks(identities, IN_ONE_MESSAGE):
        await bus.publish(session, IdentitiesChanged(people=some), now=now)
    for others in _chunks(contacts, IN_ONE_MESSAGE):
        await bus.publish(session, ContactsChanged(people=others), now=now)


def _identity(document: Document, person: Person, known: Stored) -> Identity:
    return Identity(
        person_id=known.person_id,
        version=known.version,
        id_type=document[0],
        id_index=document[1].hex(),
        name_index=person.name_index.hex(),
        health_code_id=person.health_code_id,
    )


def _contact(person: Person, known: Stored, *, today: date) -> Contact:
    return Contact(
        person_id=known.person_id,
        version=known.version,
        sealed=base64.b64encode(known.sealed_contact).decode(),
        health_code_id=person.health_code_id,
        unit_codes=units_of(person.enrolments, today),
    )


def _chunks(items: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    rest: Iterable[T] = iter(items)
    while some := tuple(islice(rest, size)):
        yield some
