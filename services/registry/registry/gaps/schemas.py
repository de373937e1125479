"""Wire models of gaps."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from shared.web.types import Code, LongText, WireModel

GapKind = Literal["only_licensed", "only_surveyed"]
GapState = Literal["open", "received", "answered", "closed"]
Reason = Literal["licensed", "registered", "ceased", "moved", "listed_wrongly", "out_of_scope"]


class GapStepIn(WireModel):
    """A step; `body` for a client of no area. Answers need `note`, closing `reason`, assigning a code."""

    kind: Literal["received", "answered", "returned", "assigned", "closed"]
    body: Literal["township", "department"] | None = None
    reason: Reason | None = None
    note: LongText | None = None
    department_code: Code | None = None
    township_code: Code | None = None


class GapOut(BaseModel):
    """A gap; without a department (`department_basis` says why) headquarters is told until it has one."""

    gap_id: UUID
    kind: str
    name: str
    address: str
    credit_code: str | None
    licence_no: str | None
    trade_code: str
    township_code: str
    department_code: str | None
    department_basis: str
    round_code: str
    state: str
    opened_at: str
    age_days: int
    due_on: str
    overdue: bool
    township_received_at: str | None
    department_received_at: str | None
    answered_at: str | None
    closed_at: str | None
    closed_reason: str | None


class GapStepOut(BaseModel):
    """A step of a gap's history, which is only ever added to."""

    kind: str
    body: str | None
    reason: str | None
    note: str | None
    round_code: str | None
    township_code: str | None
    department_code: str | None
    client_id: str
    at: str


class GapWithSteps(GapOut):
    """A gap and its whole history."""

    steps: list[GapStepOut]


class GapList(BaseModel):
    """A page of gaps, oldest first."""

    gaps: list[GapOut]
    next_cursor: str | None


class GapFigures(BaseModel):
    """The gaps of a trade, a township and a department; `overdue`: past their day and not closed."""

    trade_code: str
    township_code: str
    department_code: str | None
    open: int
    received: int
    answered: int
    closed: int
    overdue: int
    total: int


class GapReport(BaseModel):
    """Counts by trade, township and department."""

    rows: list[GapFigures]
