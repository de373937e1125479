"""Wire models of cases (contract §6)."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, WithJsonSchema

from notifier.ladder.errors import EVIDENCE_UNFIT
from notifier.ladder.rules import Owed, Stage
from shared.identifiers import holds_forbidden
from shared.web.types import Day, LongText, PersonName, ShortText, Time, WireModel, refuse, texts_in

StepKind = Literal["written_report", "interview", "rectified", "closed"]
MOST_CHARACTERS: Final = 10_000


def _evidence(value: object) -> object:
    if not isinstance(value, str | list | dict) or len(json.dumps(value)) > MOST_CHARACTERS:
        raise refuse(EVIDENCE_UNFIT.code)
    if any(holds_forbidden(text) for text in texts_in(value)):
        raise refuse(EVIDENCE_UNFIT.code)
    return value


Evidence = Annotated[
    Any,
    AfterValidator(_evidence),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "object"}]}),
]


class CaseStepIn(WireModel):
    """A step on a case; `at` is when it was done, the client of the token is recorded beside."""

    kind: StepKind
    by: PersonName
    at: Time
    note: LongText
    evidence: Evidence | None = None


class CaseExtensionIn(WireModel):
    """A department asks for a later day for what it owes."""

    by: PersonName
    due_on: Day
    reason: LongText


class CaseExtensionDecisionIn(WireModel):
    """A second person's answer to it."""

    verdict: Literal["granted", "refused"]
    by: PersonName
    note: LongText | None = None


class CaseHandoverIn(WireModel):
    """What was handed over to the discipline body (requirements row 113): a record, nothing follows."""

    by: PersonName
    at: Time
    to: ShortText
    note: LongText


class CaseNotice(BaseModel):
    """A notice of a case that the caller may see."""

    notice_id: UUID
    kind: str
    number: str | None
    level: str | None
    recipient: dict[str, str]
    as_of: datetime
    issued_at: datetime
    status: str
    acknowledged_at: datetime | None


class CaseStep(BaseModel):
    """A step: who, when, on what basis; never changed (requirements row 135).

    `kind`: the contract's four, and what the ladder and administrators did. `client_id` is null for what
    happened by itself.
    """

    kind: str
    by: str | None
    client_id: str | None
    at: datetime
    recorded_at: datetime
    note: str | None
    evidence: Any
    basis: dict[str, Any]


class CaseOwed(BaseModel):
    """What a case owes by which day, that day included."""

    kind: Owed
    number: str | None
    due_on: date
    overdue: bool
    extended: bool


class CaseExtension(BaseModel):
    """An extension that was asked for."""

    extension_id: UUID
    kind: Owed
    state: Literal["asked", "granted", "refused"]
    due_on: date
    asked_at: datetime
    decided_at: datetime | None


class CaseOut(BaseModel):
    """The case of a unit with its department; without a settled department headquarters has it.

    `count`: bulletins that stand since the case began to count; `department_total`: those of all running
    counts of the department.
    """

    case_id: UUID
    unit_code: str | None
    unit_name: str | None
    department_code: str | None
    department_name: str | None
    stage: Stage
    count: int
    department_total: int
    opened_at: datetime
    rectified_at: datetime | None
    closed_at: datetime | None
    owed: list[CaseOwed]
    notices: list[CaseNotice]
    extensions: list[CaseExtension]
    steps: list[CaseStep]


class CasePage(BaseModel):
    """One page of cases, newest first."""

    cases: list[CaseOut]
    next_cursor: str | None
