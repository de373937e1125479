"""Wire models of figures."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

Grouping = Literal["unit", "category", "department", "township", "week"]
Outcome = Literal["met", "late", "missed", "never_tested"]


class Closed(BaseModel):
    """What the weeks closed with: the first count after their end."""

    numerator: int
    denominator: int


class Links(BaseModel):
    """Where the people behind the two numbers are listed."""

    numerator: str
    denominator: str


class Figures(BaseModel):
    """Numerator: never behind in the week. Denominator: owed a sample. Others: late, missed, never tested.

    Somebody counts once a week for each unit and category in which they owed. `share` is a part of one,
    null of nobody. `at_close` is null while one of the weeks has not been closed; where it differs,
    something came later. `as_of`: nothing is older than this.
    """

    numerator: int
    denominator: int
    late: int
    missed: int
    never_tested: int
    share: float | None
    at_close: Closed | None
    as_of: datetime | None
    people: Links


class FigureRow(Figures):
    """One unit, category, department, township or week (its Monday); null: without one."""

    key: str | None
    name: str | None


class FigureTotal(Figures):
    """All rows together; `so_far`: the last week is not over."""

    so_far: bool


class FigureReport(BaseModel):
    """A page of rows. Of every grouping they add up to the same total."""

    by: Grouping
    first_day: date
    last_day: date
    total: FigureTotal
    rows: list[FigureRow]
    next_cursor: str | None


class FigurePerson(BaseModel):
    """Somebody in a week, a unit and a category. Not named: whose unit lies in another area today."""

    week: date
    person_id: UUID
    health_code_id: str | None
    name_masked: str | None
    unit_code: str | None
    category_code: str
    township_code: str | None
    department_code: str | None
    outcome: Outcome
    as_of: datetime
    explained_by: str


class FigurePeople(BaseModel):
    """A page of people, by week, unit and category."""

    people: list[FigurePerson]
    next_cursor: str | None


class CountAsked(BaseModel):
    """The Monday of the week that will be counted again."""

    week: date
