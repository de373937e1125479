"""Wire models of inspections."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from notifier.checklists.rules import Severity
from notifier.inspection_draws.rules import InspectionKind, TargetType
from notifier.inspection_draws.schemas import DrawnInspector
from notifier.problems.rules import Cause, Shape
from notifier.problems.schemas import ProblemOut, ProblemTarget, Proofs
from shared.web.types import Code, Day, LongText, ShortText, WireModel

Answer = Literal["yes", "no", "not_applicable"]


class ItemAnswer(WireModel):
    """What was seen of one item of the check list."""

    item: Code
    answer: Answer
    note: LongText | None = None


class ProblemIn(WireModel):
    """What was found; without a deadline the catalogue's days run from today."""

    kind_code: Code
    shape: Shape = "individual"
    severity: Severity | None = None
    cause: Cause | None = None
    note: LongText | None = None
    measure: LongText | None = None
    evidence: Proofs | None = None
    due_on: Day | None = None


class InspectionIn(WireModel):
    """An inspection that was made, with everything it found."""

    inspection_no: Code
    kind: InspectionKind
    target_type: TargetType
    target_code: Code
    day: Day
    team: ShortText | None = None
    inspectors: Annotated[list[Code], Field(min_length=1, max_length=20)]
    draw_no: Code | None = None
    checklist_code: Code | None = None
    answers: Annotated[list[ItemAnswer], Field(max_length=200)] | None = None
    problems: Annotated[list[ProblemIn], Field(max_length=100)] | None = None


class InspectionLine(BaseModel):
    """An inspection as it is listed."""

    inspection_id: UUID
    inspection_no: str
    kind: InspectionKind
    target: ProblemTarget
    day: date
    draw_no: str | None
    checklist_code: str | None
    number: str | None
    problems: int
    open: int
    recorded_at: datetime


class InspectionPage(BaseModel):
    """One page of inspections, newest first."""

    inspections: list[InspectionLine]
    next_cursor: str | None


class InspectionOut(InspectionLine):
    """An inspection with its team, its answers and its problems; nobody is named in clear."""

    checklist_from: date | None
    team: str | None
    inspectors: list[DrawnInspector]
    answers: list[ItemAnswer]
    found: list[ProblemOut]


class LabVisits(BaseModel):
    """How a laboratory is supervised: visits, problems by cause, and what the reconciliation told last."""

    lab_code: str
    visits: int
    last_visit_on: date | None
    problems: int
    open: int
    causes: dict[str, int]
    told_on: date | None
    told: dict[str, int]


class LabSupervision(BaseModel):
    """Laboratories, those never visited first (requirements row 115)."""

    labs: list[LabVisits]
