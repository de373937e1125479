"""Wire models of shares."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

PeriodKind = Literal["day", "week", "month"]


class ShareOut(BaseModel):
    """One demand on one group in one period; counts are of people, with `kind` `units` of units.

    `share`: so many of a hundred; `cover`: everybody, over the longer period. Both are checks of their
    own. `reached` so far; `over`: the period has ended. Without `unit_code` it is of a whole category.
    """

    kind: Literal["share", "cover", "units"]
    unit_code: str | None
    township_code: str | None
    department_code: str | None
    department_in_unit: str | None
    category_code: str
    rule_id: int
    version: int
    first_day: date
    last_day: date
    percent: int
    numerator: int
    denominator: int
    reached: bool
    over: bool
    units_short: list[str]


class ShareList(BaseModel):
    """A page of fractions, by unit."""

    shares: list[ShareOut]
    next_cursor: str | None


class SharePerson(BaseModel):
    """Somebody behind a fraction; the excused are in neither side of it."""

    person_id: UUID
    health_code_id: str | None
    name_masked: str
    sampled_on: date | None
    excused: bool


class SharePeople(BaseModel):
    """Everybody behind a fraction, the untested first."""

    people: list[SharePerson]
