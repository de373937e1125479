"""registry to the others: departments and units. The highest version wins, in any order."""

from typing import ClassVar

import msgspec

from shared.messages.base import Message


class DepartmentChanged(Message, frozen=True):
    """A department, township or district; `contact` opens to JSON `{"name","phone","email"?}` (base64)."""

    name: ClassVar[str] = "department.changed"

    code: str
    department_name: str
    level: str
    role: str | None
    parent_code: str | None
    contact: str
    revision: int


class UnitChanged(Message, frozen=True):
    """A unit; `contact` opens to JSON `{"name","phone"}` (base64). `industry_code`: GB/T 4754-2017.

    From `closed_on` on it is active no more.
    """

    name: ClassVar[str] = "unit.changed"

    unit_code: str
    unit_name: str
    township_code: str
    department_code: str | None
    contact: str
    revision: int
    industry_code: str | None = None
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    closed_on: str | None = None


class ContactLapsed(Message, frozen=True):
    """A unit's named person does not hold any more; `reason`: `expired|moved|unreachable`."""

    name: ClassVar[str] = "contact.lapsed"

    unit_code: str
    township_code: str
    department_code: str | None
    reason: str
    confirmed_on: str
    day: str
