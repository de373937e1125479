"""Wire models of appeals."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from registry.people.schemas import ExemptionIn
from shared.web.types import Code, Day, HealthCodeId, Id, LongText, ShortText, WireModel

Claim = Literal[
    "result_wrong", "result_not_mine", "result_missing", "duty_wrong", "identity_wrong", "finding_wrong"
]
State = Literal["open", "upheld", "rejected", "corrected", "withdrawn"]


class Reference(WireModel):
    """Where something lies that speaks for the appeal: a document's number, a file's address."""

    kind: Annotated[ShortText, Field(max_length=60)]
    ref: ShortText


class AppealIn(WireModel):
    """What is disputed and why; `finding_wrong` is a unit's, everything else a person's."""

    claim: Claim
    person_id: Id | None = None
    result_id: Id | None = None
    finding_id: Id | None = None
    statement: LongText
    references: Annotated[list[Reference], Field(max_length=20, default_factory=list)]


class EvidenceIn(WireModel):
    """More that speaks for or against an appeal."""

    statement: LongText
    references: Annotated[list[Reference], Field(max_length=20, default_factory=list)]


class Leaving(WireModel):
    """A stay that ends; the day is the first without it."""

    unit_code: Code | None = None
    category_code: Code | None = None
    left_on: Day


class NewCode(WireModel):
    """The health-code id that is right, null for none."""

    health_code_id: HealthCodeId | None


class DecisionIn(WireModel):
    """A decision; `duty_wrong` is remedied by an exemption or a leaving, `identity_wrong` by a code."""

    verdict: Literal["upheld", "rejected"]
    reason: LongText
    exemption: ExemptionIn | None = None
    leaving: Leaving | None = None
    health_code: NewCode | None = None


class StepOut(BaseModel):
    """A step of an appeal: what was said, by which client, when."""

    n: int
    kind: str
    client_id: str
    at: datetime
    content: dict[str, Any] | None


class AppealLine(BaseModel):
    """An appeal in a list; `late` when nobody has decided by `due_at`."""

    appeal_id: UUID
    claim: Claim
    state: State
    person_id: UUID | None
    health_code_id: str | None
    unit_code: str | None
    result_id: UUID | None
    finding_id: UUID | None
    opened_by: str
    opened_at: datetime
    due_at: datetime
    late: bool
    ended_at: datetime | None
    age_hours: int


class AppealList(BaseModel):
    """A page of appeals, newest first."""

    appeals: list[AppealLine]
    next_cursor: str | None


class AppealOut(AppealLine):
    """An appeal with its steps; `shown` is what was shown when it was opened, `shown_now` what is now."""

    shown: dict[str, Any]
    shown_now: dict[str, Any]
    steps: list[StepOut]
