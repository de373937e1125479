"""registry to the others: who somebody is. The highest version of a person wins, in any order."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class Identity(msgspec.Struct, frozen=True):
    """What results-ingest may know of a person: keyed indexes (hex), never number or name."""

    person_id: UUID
    version: int
    id_type: str
    id_index: str
    name_index: str
    health_code_id: str | None = None


class IdentitiesChanged(Message, frozen=True):
    """New or changed people, at most 2,000 a message."""

    name: ClassVar[str] = "identities.changed"

    people: tuple[Identity, ...]


class Contact(msgspec.Struct, frozen=True):
    """How notifier reaches a person: `sealed` opens to JSON `{"name":…,"phone":…|null}` (base64)."""

    person_id: UUID
    version: int
    sealed: str
    health_code_id: str | None = None
    unit_codes: tuple[str, ...] = ()


class ContactsChanged(Message, frozen=True):
    """New or changed people with the units they are enrolled in now, at most 2,000 a message."""

    name: ClassVar[str] = "contacts.changed"

    people: tuple[Contact, ...]
