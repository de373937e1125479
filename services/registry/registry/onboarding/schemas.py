"""Wire models of conformance reports and releases: what `python -m deploy.simulator check` writes."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, Field

from shared.web.types import Code, Id, ShortText, Time, WireModel

MOST_CASES: Final = 100
MOST_STEPS: Final = 50
Count = Annotated[int, Field(ge=0, le=100_000)]


class Said(WireModel):
    """What was expected of a step, or got."""

    status: Annotated[int, Field(ge=100, le=599)]
    accepted: Count | None = None
    rejected: Count | None = None
    duplicates: Count | None = None
    codes: Annotated[list[Code], Field(max_length=MOST_CASES)] | None = None
    same_as: Count | None = None


class StepBody(WireModel):
    """A post of a case."""

    step: Count
    expected: Said
    got: Said
    batch_id: Code | None = None
    passed: bool


class CaseBody(WireModel):
    """A case, with what was expected and got at each step."""

    case: Code
    zh: ShortText
    en: ShortText
    passed: bool
    steps: Annotated[list[StepBody], Field(min_length=1, max_length=MOST_STEPS)]


class ReportBody(WireModel):
    """The report of a run against a sandbox; `client_id` and `lab_code` are those used there."""

    script: Code
    run: Code
    lab_code: Code
    client_id: Code
    at: Time
    passed: bool
    cases: Annotated[list[CaseBody], Field(min_length=1, max_length=MOST_CASES)]


class ReleaseBody(WireModel):
    """On which report a client is released."""

    report_id: Id


class Report(BaseModel):
    """A report as it was judged here: `passed` follows from its cases, not from what it says of itself."""

    report_id: UUID
    client_id: str
    script: str
    run: str
    at: datetime
    received_at: datetime
    passed: bool
    cases: list[dict[str, Any]]
    released_by: str | None
    released_at: datetime | None


class ReportList(BaseModel):
    """A page of reports."""

    reports: list[Report]
    next_cursor: str | None
