"""Wire models of events."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, WithJsonSchema

from shared.web.types import Code, LongText, PersonName, Phone, ShortText, Time, WireModel, refuse

_WORD = "^[a-z][a-z0-9_]{0,39}$"
EventState = Literal["open", "missed", "finished", "cancelled"]


def _word(value: str) -> str:
    plain = value.replace("_", "a")
    if not (plain.isascii() and plain.isalnum() and plain.islower()) or not value[0].isalpha():
        raise refuse("bad_format")
    if len(value) > 40:  # noqa: PLR2004 - as the table has it
        raise refuse("too_long")
    return value


Word = Annotated[str, AfterValidator(_word), WithJsonSchema({"type": "string", "pattern": _WORD})]


class EventIn(WireModel):
    """Something that happened or will; without `category_code` the one with such a rule."""

    kind: Word
    at: Time
    category_code: Code | None = None
    variant: Word | None = None
    unit_code: Code | None = None


class EventPatch(WireModel):
    """When it really happened."""

    at: Time


class Responsible(WireModel):
    """Who answers for a person after the release (row 29)."""

    name: PersonName
    phone: Phone
    grid: ShortText | None = None


class ReleaseIn(WireModel):
    """A release into the hands of a named person."""

    responsible: Responsible


class CancellationIn(WireModel):
    """Why an event is taken back."""

    reason: LongText


class StepOut(BaseModel):
    """A sample that is owed by the end of a day; `antibody`: serum is taken with it."""

    number: int
    due_on: date
    state: Literal["done", "done_late", "open", "missed"]
    sampled_at: datetime | None
    antibody: bool


class ResponsibleOut(BaseModel):
    """Who answers for somebody released, masked."""

    name_masked: str
    phone_masked: str
    grid: str | None


class EventOut(BaseModel):
    """An event and the samples that it opened.

    `notice_days`: days between the announcement and the event; `notice_in_time`: whether a rule's
    demand was met. `earliest_release_on` is null where nobody is isolated.
    """

    event_id: UUID
    person_id: UUID
    kind: str
    category_code: str
    rule_id: int | None
    version: int | None
    at: datetime
    variant: str | None
    unit_code: str | None
    state: EventState
    due_on: date | None
    steps: list[StepOut]
    notice_days: int
    notice_in_time: bool | None
    earliest_release_on: date | None
    released_on: date | None
    responsible: ResponsibleOut | None
    ended_on: date | None


class EventList(BaseModel):
    """A page of events."""

    events: list[EventOut]
    next_cursor: str | None


class PersonEvents(BaseModel):
    """The events of a person, newest first."""

    events: list[EventOut]
