"""Wire models of departments (contract §4)."""

from typing import Literal

from pydantic import BaseModel

from shared.web.types import Code, PersonName, Phone, ShortText, WireModel

Level = Literal["district", "department", "township"]
Role = Literal["headquarters", "leaders", "cdc", "health_bureau", "bureau_section", "approvals"]


class DepartmentContact(WireModel):
    """The responsible person of a department; sealed at rest, masked in answers."""

    name: PersonName
    phone: Phone
    email: ShortText | None = None


class DepartmentIn(WireModel):
    """A new department."""

    code: Code
    name: ShortText
    level: Level
    role: Role | None = None
    parent_code: Code | None = None
    contact: DepartmentContact


class DepartmentPatch(WireModel):
    """What may change; a field that is absent stays, `null` clears role or parent."""

    name: ShortText | None = None
    role: Role | None = None
    parent_code: Code | None = None
    contact: DepartmentContact | None = None


class ContactOut(BaseModel):
    """A contact as it is shown."""

    name_masked: str
    phone_masked: str


class DepartmentOut(BaseModel):
    """A department as it is shown."""

    code: str
    name: str
    level: str
    role: str | None
    parent_code: str | None
    contact: ContactOut
    revision: int


class DepartmentList(BaseModel):
    """A page of departments, by code."""

    departments: list[DepartmentOut]
    next_cursor: str | None
