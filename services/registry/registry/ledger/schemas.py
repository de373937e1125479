"""Wire models of the ledger and the explanation (contract §4)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class ReviewOut(BaseModel):
    """One verdict of the CDC on a result."""

    revision: int
    verdict: str
    reviewed_at: datetime


class EntryOut(BaseModel):
    """A sample, a result, or a result that was taken back; `reviews` oldest first.

    `source_region`: the other place whose laboratory it is from, None for one of this district.
    """

    entry_id: UUID
    kind: str
    collected_at: datetime
    mode: str
    outcome: str | None
    test_kind: str | None
    tested_at: datetime | None
    reported_at: datetime | None
    lab_code: str | None
    source_region: str | None
    tube_code: str | None
    paired_with: str | None
    result_id: UUID | None
    replaces: UUID | None
    replaced_by: UUID | None
    result_due_at: datetime | None
    recorded_at: datetime
    reviews: list[ReviewOut]


class LedgerOut(BaseModel):
    """A page of a person's ledger, newest sample first."""

    person_id: UUID
    health_code_id: str | None
    category_code: str | None
    interval: str | None
    due_on: date | None
    due_state: str
    display: str
    entries: list[EntryOut]
    next_cursor: str | None


class RuleOut(BaseModel):
    """The rule version that sets the due day."""

    rule_id: int
    category_code: str
    category_name_zh: str
    category_name_en: str
    version: int
    shape: str
    params: dict[str, Any]
    effective_from: date
    effective_to: date | None
    area_code: str | None
    source: str | None


class SampleOut(BaseModel):
    """The sample that the due day counts from."""

    entry_id: UUID
    outcome: str
    mode: str
    collected_at: datetime
    lab_code: str | None
    source_region: str | None
    tube_code: str | None


class ExemptionOut(BaseModel):
    """An exemption that holds today."""

    exemption_id: UUID
    kind: str
    from_on: date
    to_on: date


class DutyOut(BaseModel):
    """One of the duties a person has today; the strictest decides.

    How often is in `days`, `months`, `per_week` or `per_day`; none of them where an event asks for samples.
    """

    category_code: str
    rule_id: int
    version: int
    days: int | None
    months: int | None
    per_week: int | None
    per_day: int | None
    event: str | None
    starts_on: date
    due_on: date | None
    decides: bool


class SentencesOut(BaseModel):
    """The explanation in words."""

    zh: list[str]
    en: list[str]


class ExplanationOut(BaseModel):
    """Why this due day."""

    person_id: UUID
    as_of: datetime
    due_on: date | None
    due_state: str
    stored_due_on: date | None
    rule: RuleOut | None
    sample: SampleOut | None
    exemptions: list[ExemptionOut]
    duties: list[DutyOut]
    vaccinated_on: date | None
    sentences: SentencesOut
