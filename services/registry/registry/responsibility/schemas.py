"""Wire models of responsibility."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from registry.units.schemas import TitledContact
from shared.web.types import Code, Day, ShortText, WireModel

Missing = Literal[
    "department_unmapped",
    "department_ambiguous",
    "attribute_unstated",
    "department_is_unit",
    "contact_expired",
    "contact_reported",
    "data_entry_missing",
    "tester_missing",
    "nobody_enrolled",
]


class ContactCheck(WireModel):
    """Somebody called the responsible person: still there, moved on, or not to be reached."""

    outcome: Literal["confirmed", "moved", "unreachable"]


class TesterIn(WireModel):
    """Which institution (a unit of the ledger) samples a unit from a day on, and which laboratory tests.

    `place` and `from_time` are what both have agreed on (row 52).
    """

    institution_code: Code
    lab_code: Code | None = None
    place: ShortText | None = None
    from_time: Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    effective_from: Day
    effective_to: Day | None = None


class TesterPatch(WireModel):
    """The last day of an assignment; `null` leaves it open."""

    effective_to: Day | None


class TesterOut(BaseModel):
    """An assignment; both days are included."""

    tester_id: UUID
    institution_code: str
    institution_name: str
    lab_code: str | None
    place: str | None
    from_time: str | None
    effective_from: str
    effective_to: str | None


class TownshipSide(BaseModel):
    """The township (属地)."""

    code: str
    name: str | None


class DepartmentSide(BaseModel):
    """The sector department (主管部门), and what that rests on."""

    code: str | None
    name: str | None
    basis: str
    basis_text: str | None
    principle: str | None


class UnitSide(BaseModel):
    """The unit itself (主体): who is named, until when the name holds without being confirmed."""

    contact: TitledContact
    confirmed_on: str
    expires_on: str
    problem: str | None
    data_entry: TitledContact | None


class PersonSide(BaseModel):
    """The people themselves (个人)."""

    enrolled: int


class Responsibility(BaseModel):
    """The four sides of a unit, who tests it, and what is missing."""

    unit_code: str
    name: str
    active: bool
    township: TownshipSide
    department: DepartmentSide
    unit: UnitSide
    person: PersonSide
    tester: TesterOut | None
    testers: list[TesterOut]
    missing: list[str]


class IncompleteUnit(BaseModel):
    """An active unit of which something is missing."""

    unit_code: str
    name: str
    industry_code: str
    township_code: str
    department_code: str | None
    department_basis: str
    missing: list[str]


class IncompleteUnits(BaseModel):
    """A page of them, by code."""

    units: list[IncompleteUnit]
    next_cursor: str | None


class MissingCount(BaseModel):
    """How many active units of a department and a township miss this, of how many."""

    kind: str
    department_code: str | None
    township_code: str
    units: int
    of: int


class KindCount(BaseModel):
    """How many active units miss this."""

    kind: str
    units: int


class ResponsibilityReport(BaseModel):
    """units = complete + incomplete; a unit counts under every kind that it misses."""

    units: int
    complete: int
    incomplete: int
    kinds: list[KindCount]
    rows: list[MissingCount]
