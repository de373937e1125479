"""Wire models of breaches."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

Kind = Literal["coverage", "frequency"]
Reason = Literal["overdue", "never_tested", "not_enrolled"]


class MissedShare(BaseModel):
    """A share that was not made up by the end of the week, as its period was counted first."""

    finding_id: UUID
    check: Literal["share", "cover"]
    department_in_unit: str | None
    category_code: str
    percent: int
    numerator: int
    denominator: int
    period_from: date
    period_to: date


class BreachOut(BaseModel):
    """A unit's breach of the week that begins on `week`, its Monday, as it was judged once.

    `people` = `overdue` + `never_tested` + `not_enrolled`; township and department are those of the week's
    end.
    """

    breach_id: UUID
    week: date
    unit_code: str
    unit_name: str
    township_code: str
    department_code: str | None
    kinds: list[Kind]
    overdue: int
    never_tested: int
    not_enrolled: int
    people: int
    shares: list[MissedShare]
    judged_at: datetime


class BreachList(BaseModel):
    """A page of breaches, the newest week first."""

    breaches: list[BreachOut]
    next_cursor: str | None


class BreachPerson(BaseModel):
    """Somebody on whose account the unit was in breach, masked; `since`: the first day that counts.

    Without `person_id` nobody has registered them yet.
    """

    number: int
    reason: Reason
    since: date
    category_code: str | None
    person_id: UUID | None
    health_code_id: str | None
    name_masked: str | None


class BreachPeople(BaseModel):
    """A breach with a page of its people, who has been wanting longest first."""

    breach: BreachOut
    people: list[BreachPerson]
    next_cursor: str | None
