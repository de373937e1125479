"""Wire models of entry lag."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class UnitLag(BaseModel):
    """A unit's entries of a period: `late` of `entered` came after more days than are allowed."""

    unit_code: str
    name: str
    township_code: str
    department_code: str | None
    entered: int
    began: int
    left: int
    late: int
    late_share: float
    median_days: int
    p90_days: int
    longest_days: int


class LagList(BaseModel):
    """A page of units with entries in the period, by code; both days are included."""

    first: date
    last: date
    allowed_days: int
    units: list[UnitLag]
    next_cursor: str | None


class LateEntry(BaseModel):
    """Somebody whose beginning or leaving was entered late."""

    enrolment_id: UUID
    person_id: UUID
    category_code: str | None
    what: str
    day: date
    entered_at: datetime
    entered_by: str | None
    days: int


class LateList(BaseModel):
    """A page of a unit's late entries."""

    unit_code: str
    first: date
    last: date
    allowed_days: int
    entries: list[LateEntry]
    next_cursor: str | None
