"""Wire models of evaluations."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.web.types import Time, WireModel

EvaluationStatus = Literal["running", "done", "failed"]


class EvaluationIn(WireModel):
    """The moment to evaluate; absent: now."""

    as_of: Time | None = None


class EvaluationAsked(BaseModel):
    """The evaluation of the day."""

    evaluation_id: UUID
    as_of: datetime
    status: EvaluationStatus


class EvaluationOut(EvaluationAsked):
    """How an evaluation stands; `counts` are of people, `units` of units with somebody listed.

    `due_soon`, `due` and `overdue` add up to `people`; `never_tested` says how many of them never were.
    """

    day: date
    counts: dict[str, int]
    started_at: datetime
    finished_at: datetime | None
