"""Wire models of notices (contract §6)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from notifier.notices.rules import Kind, Status
from notifier.routing.rules import RecipientType
from shared.web.types import LongText, PersonName, WireModel


class Party(BaseModel):
    """Whom a notice is about; a person's name is masked."""

    type: str
    code: str
    name: str | None


class Recipient(BaseModel):
    """To whom a notice goes."""

    type: RecipientType
    code: str
    name: str | None


class OwnerDepartment(BaseModel):
    """The department behind an entry of the duty matrix."""

    code: str
    name: str | None


class OwnerContact(BaseModel):
    """Its contact, masked."""

    name_masked: str
    phone_masked: str


class Owner(BaseModel):
    """Whose a notice is by the duty matrix, as of the day it was issued; null: nobody stands behind it yet.

    `basis`: `assigned`, or `default` for what nobody was given: daily dispatch.
    """

    entry_code: str
    name: str
    department: OwnerDepartment | None
    contact: OwnerContact | None
    basis: Literal["assigned", "default"]
    as_of: date


class Worded(BaseModel):
    """Which template a text is of; version 0 is the one that is shipped."""

    key: str
    version: int


class Evidence(BaseModel):
    """What a notice rests on, as of its time: what its kind has, whose it is, and what it was worded with."""

    model_config = ConfigDict(extra="allow")

    owner: Owner | None
    wording: Worded | None = None


class NoticeOut(BaseModel):
    """A notice as it is listed."""

    notice_id: UUID
    kind: Kind
    number: str | None = None
    level: str | None = None
    recipient: Recipient
    subject: Party
    as_of: datetime
    issued_at: datetime
    status: Status
    ack_due_at: datetime | None = None
    text: str
    evidence: Evidence


class NoticePage(BaseModel):
    """One page of notices, newest first."""

    notices: list[NoticeOut]
    next_cursor: str | None


class Acknowledgement(WireModel):
    """Who has taken note; the client of the token is recorded beside."""

    by: PersonName
    note: LongText | None = None


class Revocation(WireModel):
    """Who takes a notice back, and why."""

    by: PersonName
    reason: LongText
