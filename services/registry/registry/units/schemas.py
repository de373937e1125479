"""Wire models of units and of the industry map (contract §4)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from registry.departments.schemas import ContactOut
from registry.units.rules import industry_key, prefix_key
from shared.web.types import Code, Day, PersonName, Phone, ShortText, WireModel, refuse

UnitCodeType = Literal["uscc", "licence"]
Defect = Literal["department_unmapped", "department_ambiguous", "attribute_unstated", "department_is_unit"]
Principle = Literal["industry", "business", "production", "supervision"]
Slug = Annotated[str, Field(pattern="^[a-z_]{1,40}$")]
Attributes = Annotated[
    dict[Slug, Slug],
    Field(max_length=20),
    WithJsonSchema(
        {
            "type": "object",
            "patternProperties": {"^[a-z_]{1,40}$": {"type": "string", "pattern": "^[a-z_]{1,40}$"}},
            "additionalProperties": False,
            "maxProperties": 20,
        }
    ),
]


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
    """Somebody responsible at a unit, and as what; sealed at rest, masked in answers."""

    name: PersonName
    phone: Phone
    title: ShortText | None = None


class UnitIn(WireModel):
    """A new unit; without `department_code` the industry map decides."""

    unit_code: Code
    unit_code_type: UnitCodeType = "uscc"
    name: ShortText
    industry_code: IndustryCode
    township_code: Code
    department_code: Code | None = None
    contact: UnitContact
    data_entry: UnitContact | None = None
    attributes: Annotated[Attributes, Field(default_factory=dict)]


class UnitPatch(WireModel):
    """What may change; `department_code: null` gives the decision back to the map.

    `attributes` replaces all of them; from `closed_on` on the unit is no longer active, `null` opens it.
    """

    name: ShortText | None = None
    industry_code: IndustryCode | None = None
    township_code: Code | None = None
    department_code: Code | None = None
    contact: UnitContact | None = None
    data_entry: UnitContact | None = None
    attributes: Attributes | None = None
    closed_on: Day | None = None


class UnitMade(BaseModel):
    """The answer to a new unit."""

    unit_id: UUID
    department_code: str | None
    defects: list[str]


class TitledContact(ContactOut):
    """A contact as it is shown, with what they are at the unit."""

    title: str | None


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
    attributes: dict[str, str]
    closed_on: str | None
    contact: TitledContact
    contact_confirmed_on: str | None
    contact_problem: str | None
    data_entry: TitledContact | None
    revision: int


class UnitList(BaseModel):
    """A page of units, by code."""

    units: list[UnitOut]
    next_cursor: str | None


class MappingIn(WireModel):
    """A row of the industry map, with what it rests on.

    With `dimension` and `value` it holds for units with that attribute and comes before rows without one.
    """

    industry_prefix: IndustryPrefix
    dimension: Slug | None = None
    value: Slug | None = None
    department_code: Code
    principle: Principle = "industry"
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
    dimension: str | None
    value: str | None
    department_code: str
    principle: str
    basis: str
    effective_from: str
    effective_to: str | None


class MappingMade(MappingOut):
    """A row of the map, how many units now have another department, and the rows that contradict it."""

    units_changed: int
    conflicts_with: list[int]


class MappingList(BaseModel):
    """A page of the industry map, by row."""

    mappings: list[MappingOut]
    next_cursor: str | None


class DoubledOut(BaseModel):
    """An industry that is mapped to several departments today."""

    industry_prefix: str
    dimension: str | None
    value: str | None
    map_ids: list[int]
    department_codes: list[str]


class UnsettledOut(BaseModel):
    """An industry of units for which nobody answers, and why."""

    industry_code: str
    defect: str
    units: int


class MapDefects(BaseModel):
    """What is wrong with the industry map; `industries` are of the caller's area."""

    doubled: list[DoubledOut]
    industries: list[UnsettledOut]


class AttributeIn(WireModel):
    """How an attribute of units is called."""

    name_zh: ShortText
    name_en: ShortText


class AttributeOut(BaseModel):
    """An attribute of units."""

    dimension: str
    value: str
    name_zh: str
    name_en: str


class AttributeList(BaseModel):
    """Every attribute, by dimension and value."""

    attributes: list[AttributeOut]
