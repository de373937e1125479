"""Wire models of people (contract §4)."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.web.types import (
    Code,
    Day,
    HealthCodeId,
    LongText,
    PersonName,
    Phone,
    ShortText,
    WireModel,
    rows_of,
    text_of,
)

IdType = Literal["resident_id", "passport", "hk_mo_permit", "tw_permit", "foreign_pr", "other"]
ExemptionKind = Literal["exempt", "leave", "suspended"]
MOST_ROWS = 10_000


class PersonIn(WireModel):
    """A person, who is `(id_type, id_no)`, and an enrolment where a unit or a category is given."""

    health_code_id: HealthCodeId | None = None
    id_type: IdType
    id_no: Annotated[str, Field(max_length=64)]
    name: PersonName
    phone: Phone | None = None
    unit_code: Code | None = None
    category_code: Code | None = None
    department_in_unit: text_of(100) | None = None  # type: ignore[valid-type] # made by a function
    employment_type: text_of(100) | None = None  # type: ignore[valid-type] # made by a function
    enrolled_on: Day | None = None
    left_on: Day | None = None
    vaccination_completed_on: Day | None = None


class HealthCodeIn(WireModel):
    """The health-code id that a known person has now."""

    id_type: IdType
    id_no: Annotated[str, Field(max_length=64)]
    health_code_id: HealthCodeId


class RosterPerson(WireModel):
    """Somebody on a unit's own roster."""

    id_type: IdType
    id_no: Annotated[str, Field(max_length=64)]
    name: PersonName | None = None


class RosterIn(WireModel):
    """A unit's own roster, up to 10,000 rows."""

    people: Annotated[list[rows_of(RosterPerson)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class PeopleIn(WireModel):
    """Up to 10,000 rows, each judged on its own."""

    people: Annotated[list[rows_of(PersonIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class HealthCodesIn(WireModel):
    """Up to 10,000 rows, each judged on its own."""

    codes: Annotated[list[rows_of(HealthCodeIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class ExemptionIn(WireModel):
    """Days without a duty, or suspended; both days are included."""

    kind: ExemptionKind
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    reason: LongText


class ExemptionPatch(WireModel):
    """What may change about an exemption."""

    from_: Annotated[Day | None, Field(alias="from")] = None
    to: Day | None = None
    reason: LongText | None = None


class PersonPatch(WireModel):
    """What may change about a person; `null` clears phone, health code and vaccination date."""

    name: PersonName | None = None
    phone: Phone | None = None
    health_code_id: HealthCodeId | None = None
    vaccination_completed_on: Day | None = None


class RowErrorOut(BaseModel):
    """What is wrong with one row."""

    row: int
    field: str | None
    code: str
    message: str


class BulkVerdict(BaseModel):
    """accepted (new) + updated (known) + rejected = rows sent."""

    accepted: int
    updated: int
    rejected: int
    errors: list[RowErrorOut]


CategoryBasis = Literal["given", "department"]


class EnrolmentOut(BaseModel):
    """An enrolment; it no longer holds from `left_on` on.

    `category_basis`: `given`, or `department` where the list of hospital departments said it (entry
    `derived_from`); null without a category.
    """

    enrolment_id: UUID
    unit_code: str | None
    category_code: str | None
    department_in_unit: str | None
    employment_type: str | None
    category_basis: CategoryBasis | None
    derived_from: int | None
    enrolled_on: str
    left_on: str | None


class ExemptionOut(BaseModel):
    """An exemption; both days are included."""

    model_config = ConfigDict(populate_by_name=True)

    exemption_id: UUID
    kind: str
    from_: Annotated[str, Field(alias="from")]
    to: str
    reason: str


class PersonOut(BaseModel):
    """A person as shown: masked."""

    person_id: UUID
    health_code_id: str | None
    id_type: str
    id_no_masked: str
    name_masked: str
    phone_masked: str | None
    vaccination_completed_on: str | None
    enrolments: list[EnrolmentOut]
    exemptions: list[ExemptionOut]


DisclosedField = Literal["id_no", "name", "phone"]


class DisclosureIn(WireModel):
    """Why somebody must be seen in clear, and which fields; without `fields` all three."""

    reason: Annotated[ShortText, Field(min_length=4)]
    fields: Annotated[tuple[DisclosedField, ...], Field(min_length=1, max_length=3, strict=False)] = (
        "id_no",
        "name",
        "phone",
    )


class DisclosureOut(BaseModel):
    """The fields that were asked for, in clear."""

    disclosure_id: UUID
    person_id: UUID
    id_type: str
    id_no: str | None = None
    name: str | None = None
    phone: str | None = None


class UnitPerson(BaseModel):
    """Somebody enrolled in a unit, masked; `records` counts the results that are known of them."""

    enrolment_id: UUID

    person_id: UUID
    health_code_id: str | None
    name_masked: str
    category_code: str | None
    department_in_unit: str | None
    employment_type: str | None
    category_basis: CategoryBasis | None
    derived_from: int | None
    enrolled_on: str
    left_on: str | None
    records: int


class UnitPeople(BaseModel):
    """A page of a unit's people."""

    people: list[UnitPerson]
    next_cursor: str | None


class ExemptionList(BaseModel):
    """Everything that was granted to a person."""

    exemptions: list[ExemptionOut]


class RosterSurplus(BaseModel):
    """Somebody enrolled who is not on the roster, masked."""

    person_id: UUID
    name_masked: str


class RosterCompared(BaseModel):
    """enrolled + missing + rejected = rows sent; `missing_rows` number the rows not enrolled."""

    enrolled: int
    missing: int
    rejected: int
    missing_rows: list[int]
    not_on_roster: list[RosterSurplus]
    errors: list[RowErrorOut]
