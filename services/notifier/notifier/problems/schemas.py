"""Wire models of problems, their steps and their report."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from notifier.checklists.rules import Severity
from notifier.inspection_draws.rules import TargetType
from notifier.problems.rules import Cause, Shape, State, StepKind
from shared.web.types import Day, LongText, PersonName, ShortText, WireModel


class Proof(WireModel):
    """What shows something: its kind, and where it lies."""

    kind: ShortText
    ref: ShortText


Proofs = Annotated[list[Proof], Field(min_length=1, max_length=50)]


class ProblemStepIn(WireModel):
    """A step; which fields it needs depends on its kind."""

    kind: StepKind
    by: PersonName
    note: LongText | None = None
    evidence: Proofs | None = None
    due_on: Day | None = None
    owner: PersonName | None = None
    review_on: Day | None = None
    penalty_no: ShortText | None = None


class ProblemTarget(BaseModel):
    """Where a problem was found."""

    type: TargetType
    code: str
    name: str | None
    township_code: str | None
    department_code: str | None


class ProblemOut(BaseModel):
    """A problem as it stands, the `n`-th of its order.

    `level` counts how often its kind was found there within the window.
    `recheck_due_on`: until when another client has to check its repair again, or to close what was found
    repaired; null while it is the target's turn, and once it is closed.
    `without_notice`: no order of rectification stands for it, because it was revoked.
    """

    problem_id: UUID
    inspection_id: UUID
    inspection_no: str
    number: str
    n: int
    target: ProblemTarget
    kind_code: str
    kind_name: str
    shape: Shape
    severity: Severity
    cause: Cause | None
    level: int
    previous_id: UUID | None
    state: State
    found_on: date
    due_on: date
    late: bool
    recheck_due_on: date | None
    recheck_late: bool
    asked_due_on: date | None
    listed_until: date | None
    stopped: bool
    without_notice: bool
    closed_at: datetime | None
    note: str | None
    measure: str | None


class ProblemPage(BaseModel):
    """One page of problems, newest first."""

    problems: list[ProblemOut]
    next_cursor: str | None


class ProblemStep(BaseModel):
    """What was done about a problem, by which client and when."""

    n: int
    kind: StepKind
    client_id: str
    at: datetime
    due_on: date | None
    review_on: date | None
    by: str
    note: str | None
    evidence: list[Proof] | None
    owner: str | None
    penalty_no: str | None


class ProblemWithSteps(ProblemOut):
    """A problem with what it rests on and its whole history."""

    evidence: list[Proof] | None
    steps: list[ProblemStep]


class ProblemFigures(BaseModel):
    """Counts of a period; `without_notice` is to be 0 (requirements row 154)."""

    inspections: int
    problems: int
    without_notice: int
    closed: int
    open: int
    late: int
    recheck_late: int
    repeated: int
    listed: int
    stopped: int


class ReportLine(BaseModel):
    """A problem in a report: what, where, what is to be done, how it stands."""

    problem_id: UUID
    target: ProblemTarget
    number: str
    measure: str | None
    state: State
    due_on: date
    late: bool
    recheck_late: bool


class ReportGroup(BaseModel):
    """The problems of one kind."""

    kind_code: str
    kind_name: str
    targets: int
    problems: list[ReportLine]


class RectificationReport(BaseModel):
    """What was found in a period: common problems and individual ones (requirements row 105)."""

    first_day: date
    last_day: date
    figures: ProblemFigures
    common: list[ReportGroup]
    individual: list[ReportGroup]
    complete: bool
