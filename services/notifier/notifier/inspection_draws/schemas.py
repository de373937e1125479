"""Wire models of inspectors and draws."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from notifier.inspection_draws.rules import InspectionKind, TargetType
from shared.web.types import Code, PersonName, Phone, ShortText, WireModel

IndustryPrefix = Annotated[str, Field(pattern=r"^[0-9]{2,4}$")]
Codes = Annotated[list[Code], Field(min_length=1, max_length=20_000)]


class InspectorIn(WireModel):
    """Somebody who inspects; `related`: units, laboratories, townships or departments of an interest."""

    name: PersonName
    phone: Phone | None = None
    department_code: Code | None = None
    unit_code: Code | None = None
    related: Annotated[list[Code], Field(max_length=200)] = Field(default_factory=list)
    active: bool = True


class InspectorOut(BaseModel):
    """An inspector, the name masked."""

    inspector_code: str
    name_masked: str
    department_code: str | None
    unit_code: str | None
    related: list[str]
    active: bool


class InspectorPage(BaseModel):
    """One page of inspectors, by code."""

    inspectors: list[InspectorOut]
    next_cursor: str | None


class InspectionDrawIn(WireModel):
    """What is to be drawn; without a seed one is made and told."""

    draw_no: Code
    kind: InspectionKind
    target_type: TargetType
    industry_prefix: IndustryPrefix | None = None
    township_code: Code | None = None
    department_code: Code | None = None
    target_codes: Codes | None = None
    targets: Annotated[int, Field(ge=1, le=500)]
    inspectors_each: Annotated[int, Field(ge=2, le=10)] = 2
    inspector_codes: Annotated[list[Code], Field(min_length=1, max_length=1000)] | None = None
    seed: ShortText | None = None


class DrawnInspector(BaseModel):
    """An inspector who was drawn, the name masked."""

    inspector_code: str
    name_masked: str | None


class DrawnTarget(BaseModel):
    """A target that was drawn, by whom it is inspected, and when it was."""

    place: int
    target_code: str
    target_name: str | None
    inspectors: list[DrawnInspector]
    inspected_on: date | None


class DrawLibrary(BaseModel):
    """What was drawn from, by code; `digest` is the SHA-256 of both lists."""

    targets: int
    inspectors: int
    digest: str


class InspectionDrawOut(BaseModel):
    """A draw; `repeated`: drawing again from the same lists by the same seed gives the same."""

    draw_no: str
    kind: InspectionKind
    target_type: TargetType
    seed: str
    inspectors_each: int
    library: DrawLibrary
    drawn: list[DrawnTarget]
    repeated: bool
    made_at: datetime
    published_at: datetime | None


class PublishedInspection(BaseModel):
    """What is made public of an inspection that was drawn: nobody's name."""

    draw_no: str
    kind: InspectionKind
    target_type: TargetType
    target_code: str
    target_name: str | None
    inspected_on: date
    problems: int
    closed: int
    published_at: datetime


class PublishedPage(BaseModel):
    """One page of what was made public."""

    inspections: list[PublishedInspection]
    next_cursor: str | None
