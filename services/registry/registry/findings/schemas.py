"""Wire models of findings."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

Kind = Literal["coverage", "frequency"]
Source = Literal["spot_check", "evaluation", "share"]
State = Literal["open", "closed", "withdrawn"]


class MissedShare(BaseModel):
    """The demand that a group missed in the finding's period, as it was counted first."""

    check: Literal["share", "cover"]
    department_in_unit: str | None
    category_code: str
    rule_id: int
    percent: int
    numerator: int
    denominator: int


class FindingOut(BaseModel):
    """A finding; `open` of its `people` have not been put right yet, `age_days` counts until it ended."""

    finding_id: UUID
    unit_code: str
    unit_name: str
    township_code: str
    department_code: str | None
    kind: Kind
    source: Source
    spot_check_id: UUID | None
    share: MissedShare | None
    state: State
    period_from: date
    period_to: date
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None
    open: int
    people: int
    age_days: int


class FindingList(BaseModel):
    """A page of findings, newest first."""

    findings: list[FindingOut]
    next_cursor: str | None


class NamedPerson(BaseModel):
    """Somebody a finding names, masked; without `person_id` nobody has registered them yet.

    `due_state` is that of now; `outcome` says how it ended.
    """

    entry_id: UUID
    person_id: UUID | None
    health_code_id: str | None
    name_masked: str | None
    spot_row: int | None
    reason: str
    since: date
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    due_state: str | None


class FindingPeople(BaseModel):
    """A finding with a page of the people it names."""

    finding: FindingOut
    people: list[NamedPerson]
    next_cursor: str | None
