"""Wire models of the overdue lists (contract §4)."""

from uuid import UUID

from pydantic import BaseModel


class OverduePerson(BaseModel):
    """Somebody overdue or never tested, once for each unit with a duty."""

    person_id: UUID
    health_code_id: str | None
    name_masked: str
    unit_code: str | None
    township_code: str | None
    category_code: str | None
    due_on: str
    days_overdue: int
    due_state: str


class OverdueList(BaseModel):
    """A page of overdue people."""

    people: list[OverduePerson]
    next_cursor: str | None


class OverdueUnit(BaseModel):
    """A unit with somebody overdue; counts are of people with a duty there."""

    unit_code: str
    name: str
    township_code: str
    department_code: str | None
    people: int
    overdue: int
    never_tested: int


class OverdueUnits(BaseModel):
    """A page of units, by code."""

    units: list[OverdueUnit]
    next_cursor: str | None
