"""Wire models of hospital departments."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.web.types import Code, Day, ShortText, WireModel

DefectKind = Literal["department_unknown", "department_missing", "code_differs"]
Name = Annotated[ShortText, Field(max_length=100)]


class HospitalDepartmentIn(WireModel):
    """From a day on a name stands for a code; `department`: what it is another name of."""

    name: Name
    department: Name | None = None
    category_code: Code
    basis: ShortText
    effective_from: Day
    effective_to: Day | None = None


class HospitalDepartmentPatch(WireModel):
    """The last day of a row; null: none."""

    effective_to: Day | None


class HospitalDepartmentOut(BaseModel):
    """A row of the list; `in_force`: whether it decides today."""

    entry_id: int
    name: str
    department: str
    category_code: str
    basis: str
    effective_from: date
    effective_to: date | None
    in_force: bool


class HospitalDepartmentList(BaseModel):
    """A page of the list, also of rows that ended."""

    hospital_departments: list[HospitalDepartmentOut]
    next_cursor: str | None


class DepartmentDefect(BaseModel):
    """A stay in a hospital whose department and code do not settle what is owed.

    `department_unknown`: the list does not know the name; `department_missing`: neither department nor
    code; `code_differs`: the code that was given, which wins, is not the one of the department.
    """

    enrolment_id: UUID
    kind: DefectKind
    person_id: UUID
    name_masked: str
    unit_code: str
    township_code: str
    department_in_unit: str | None
    category_code: str | None
    expected_code: str | None


class DepartmentDefects(BaseModel):
    """A page of defects; `counts` are of the whole list, inside the caller's area."""

    counts: dict[DefectKind, int]
    defects: list[DepartmentDefect]
    next_cursor: str | None
