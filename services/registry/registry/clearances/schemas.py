"""Wire models of past clearance and of a person's history."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from registry.ledger.schemas import RuleOut, SentencesOut
from registry.statuses.schemas import ClearanceOut, DueState, LastResultOut


class HeldExemption(BaseModel):
    """An exemption that held on the day."""

    kind: str
    from_on: date
    to_on: date


class HeldSample(BaseModel):
    """The sample that the due day counted from."""

    entry_id: UUID
    outcome: str
    mode: str
    collected_at: datetime
    lab_code: str | None
    tube_code: str | None


class HeldStay(BaseModel):
    """An enrolment that held on the day, in a unit that the caller may see."""

    unit_code: str | None
    category_code: str | None
    enrolled_on: date
    left_on: date | None


class Held(BaseModel):
    """What held at a moment, and why."""

    display: str
    last_result: LastResultOut | None
    pending_since: datetime | None
    due_on: date | None
    due_state: DueState
    clearance: ClearanceOut
    rule: RuleOut | None
    sample: HeldSample | None
    exemptions: list[HeldExemption]
    stays: list[HeldStay]
    sentences: SentencesOut


class Window(BaseModel):
    """Whether a negative of the last days lets somebody leave (requirements row 31): day N is in."""

    days: int
    sampled_on: date | None
    allowed: bool


class ClearanceAt(BaseModel):
    """A person at a moment; `window` is there where it was asked for.

    `known_then`: by what had been entered and received until then, null for somebody who was not
    registered yet: nobody could have been cleared by it. `known_now`: the same moment by everything known
    today. `differs`: whether the two disagree about clearance, due date or display.
    """

    person_id: UUID
    health_code_id: str | None
    at: datetime
    known_then: Held | None
    known_now: Held
    differs: bool
    window: Window | None


class HistoryEntry(BaseModel):
    """One version of something entered about a person.

    It was known from `recorded_at` until `superseded_at`; `change` says how it ended: `changed`,
    `again` (a stay that had ended before a new one began), `cancelled`, `replaced`.
    """

    what: Literal["stay", "exemption", "vaccination", "health_code", "event"]
    recorded_at: datetime
    recorded_by: str | None
    superseded_at: datetime | None
    superseded_by: str | None
    change: str | None
    details: dict[str, Any]


class HistoryOut(BaseModel):
    """A page of versions, newest first."""

    person_id: UUID
    entries: list[HistoryEntry]
    next_cursor: str | None
