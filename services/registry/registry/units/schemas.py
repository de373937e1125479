"""Wire models of units and of the industry map (contract §4)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel

from registry.departments.schemas import ContactOut
from registry.units.rules import industry_key, prefix_key
from shared.web.types import Code, Day, PersonName, Phone, ShortText, WireModel, refuse

UnitCodeType = Literal["uscc", "licence"]
Defect = Literal["department_unmapped", "department_ambiguous"]


def _industry(code: str) -> str:
    if industry_key(code) is None:
        raise refuse("industry_code_malformed")
    return code


def _prefix(code: str) -> str:
    key = prefix_key(code)
    if key is None:
        raise refuse("industry_code_malformed")
    return key


IndustryCode = Annotated[str, AfterValidator(_industry)]
IndustryPrefix = Annotated[str, AfterValidator(_prefix)]


class UnitContact(WireModel):
    """The responsible person of a unit; sealed at rest, masked in answers."""

    name: PersonName
    phone: Phone


class UnitIn(WireModel):
    """A new unit; without `department_code` the industry map decides."""

    unit_code: Code
    unit_code_type: UnitCodeType = "uscc"
    name: ShortText
    industry_code: IndustryCode
    township_code: Code
    department_code: Code | None = None
    contact: UnitContact


class UnitPatch(WireModel):
    """What may change; `department_code: null` gives the decision back to the map."""

    name: ShortText | None = None
    industry_code: IndustryCode | None = None
    township_code: Code | None = None
    department_code: Code | None = None
    contact: UnitContact | None = None


class UnitMade(BaseModel):
    """The answer to a new unit."""

    unit_id: UUID
    department_code: str | None
    defects: list[str]


class UnitOut(BaseModel):
    """A unit as it is shown; `department_basis`: `given`, `map:<rows>` or the defect."""

    unit_id: UUID
    unit_code: str
    unit_code_type: str
    name: str
    industry_code: str
    township_code: str
    department_code: str | None
    department_basis: str
    defects: list[str]
    contact: ContactOut
    revision: int


class UnitList(BaseModel):
    """A page of units, by code."""

    units: list[UnitOut]
    next_cursor: str | None


class MappingIn(WireModel):
    """A row of the industry map, with what it rests on."""

    industry_prefix: IndustryPrefix
    department_code: Code
    basis: ShortText
    effective_from: Day
    effective_to: Day | None = None


class MappingPatch(WireModel):
    """The last day of a row; `null` leaves it open."""

    effective_to: Day | None


class MappingOut(BaseModel):
    """A row of the industry map."""

    map_id: int
    industry_prefix: str
    department_code: str
    basis: str
    effective_from: str
    effective_to: str | None


class MappingMade(MappingOut):
    """A row of the map and how many units now have another department because of it."""

    units_changed: int


class MappingList(BaseModel):
    """A page of the industry map, by row."""

    mappings: list[MappingOut]
    next_cursor: str | None
