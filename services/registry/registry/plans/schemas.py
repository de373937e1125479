"""Wire models of plans for goods and premises."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.web.types import Code, Day, Time, WireModel

Subject = Literal["item", "environment"]
ScheduleState = Literal["ok", "due", "overdue"]


class PlanIn(WireModel):
    """A unit whose goods and premises are sampled by the rules of a category; both days are included."""

    category_code: Code
    effective_from: Day
    effective_to: Day | None = None


class SamplingIn(WireModel):
    """A sample that was taken of goods or premises, or goods that arrived."""

    subject: Subject
    what: Literal["sample", "arrival"] = "sample"
    at: Time


class ScheduleOut(BaseModel):
    """What a rule asks of the goods or premises of a unit; `due_on` is null until goods arrive."""

    subject: Subject
    rule_id: int
    version: int
    days: int | None
    months: int | None
    event: str | None
    last_sampled_at: datetime | None
    last_outcome: Literal["negative", "positive", "indeterminate"] | None
    due_on: date | None
    state: ScheduleState


class PlanOut(BaseModel):
    """A plan with its schedules."""

    plan_id: UUID
    unit_code: str
    category_code: str
    effective_from: date
    effective_to: date | None
    schedules: list[ScheduleOut]


class PlanList(BaseModel):
    """A page of plans."""

    plans: list[PlanOut]
    next_cursor: str | None
