"""Wire models of spot checks."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from registry.people.schemas import IdType, RowErrorOut
from shared.web.types import (
    Code,
    Day,
    HealthCodeId,
    LongText,
    PersonName,
    Phone,
    ShortText,
    Time,
    WireModel,
    rows_of,
)

MOST_FOUND = 1_000


class FoundAtWork(WireModel):
    """Somebody found at work, by document or health-code id; the name is needed to enrol whoever is new."""

    id_type: IdType | None = None
    id_no: Annotated[str, Field(max_length=64)] | None = None
    health_code_id: HealthCodeId | None = None
    name: PersonName | None = None


class SpotCheckIn(WireModel):
    """A visit. Without `checked_at` it is now; with `check_no` the same again is the same."""

    check_no: Code | None = None
    checked_at: Time | None = None
    note: LongText | None = None
    people: Annotated[list[rows_of(FoundAtWork)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class FoundOut(BaseModel):
    """How somebody stood at the moment of the check, masked.

    `records` and `valid_negative` are null for people outside the caller's area, of whom nothing is told.
    """

    row: int
    person_id: UUID | None
    health_code_id: str | None
    name_masked: str | None
    registered: bool
    enrolled: bool
    records: int | None
    last_sample_on: date | None
    valid_negative: bool | None
    due_on: date | None
    due_state: str | None
    reasons: list[str]
    kinds: list[str]
    reason: str | None
    since: date | None
    enrolled_at: datetime | None
    enrolled_by: str | None


class FindingLink(BaseModel):
    """A finding that follows from the check."""

    finding_id: UUID
    kind: str
    state: str
    period_from: date
    period_to: date


class SpotCheckCounts(BaseModel):
    """found + rejected = rows sent; the others count among those found."""

    found: int
    not_registered: int
    not_enrolled: int
    without_record: int
    with_one_record: int
    without_valid_negative: int
    coverage: int
    frequency: int


class SpotCheckOut(BaseModel):
    """A spot check with every row that was taken, in order."""

    spot_check_id: UUID
    unit_code: str
    check_no: str | None
    checked_at: datetime
    note: str | None
    made_by: str
    made_at: datetime
    counts: SpotCheckCounts
    people: list[FoundOut]
    findings: list[FindingLink]


class SpotCheckMade(SpotCheckOut):
    """The answer to a new check; `errors` are of rows that were not taken."""

    rejected: int
    errors: list[RowErrorOut]


class SpotCheckLine(BaseModel):
    """A spot check in a list; `wanting` of its `people` were not in order."""

    spot_check_id: UUID
    unit_code: str
    check_no: str | None
    checked_at: datetime
    made_by: str
    made_at: datetime
    people: int
    wanting: int


class SpotCheckList(BaseModel):
    """A page of spot checks, newest first."""

    spot_checks: list[SpotCheckLine]
    next_cursor: str | None


class RowToEnrol(WireModel):
    """A row of the check; name, phone and code where they were not given there."""

    row: Annotated[int, Field(ge=1, le=1_000_000)]
    name: PersonName | None = None
    phone: Phone | None = None
    health_code_id: HealthCodeId | None = None


class EnrolIn(WireModel):
    """Under which category those not enrolled are enrolled; without `rows` all of them."""

    category_code: Code
    department_in_unit: Annotated[ShortText, Field(max_length=100)] | None = None
    employment_type: Annotated[ShortText, Field(max_length=100)] | None = None
    enrolled_on: Day | None = None
    rows: Annotated[list[RowToEnrol], Field(max_length=MOST_FOUND)] | None = None


class EnrolledOut(BaseModel):
    """enrolled + rejected = rows asked for."""

    enrolled: int
    rejected: int
    errors: list[RowErrorOut]
    check: SpotCheckOut
