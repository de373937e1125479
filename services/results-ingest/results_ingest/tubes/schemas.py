"""What tubes and sites look like on the wire (contract §5)."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared.web.types import (
    PLAIN,
    Code,
    HealthCodeId,
    PersonName,
    ShortText,
    Time,
    WireModel,
    check_text,
    rows_of,
)

IdType = Literal["resident_id", "passport", "hk_mo_permit", "tw_permit", "foreign_pr", "other"]
IdNo = Annotated[str, Field(max_length=64, json_schema_extra=PLAIN), AfterValidator(check_text)]

MAX_TUBES = 2000
MAX_MEMBERS = 20000


def number(value: object) -> object:
    """Refuse true and false, which are equal to 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("wrong_type", "wrong type")
    return value


class MemberIn(WireModel):
    """Somebody in a tube: by health-code id, or by document and name. A tube is never a member."""

    health_code_id: HealthCodeId | None = None
    id_type: IdType | None = None
    id_no: IdNo | None = None
    name: PersonName | None = None
    tube_code: Code | None = Field(None, description="只用于拒绝 Only there to be refused: pool_of_pools")
    code_color: Literal["green", "yellow", "red"] | None = None
    travel_star: bool | None = None
    origin: ShortText | None = None
    destination: ShortText | None = None


class TubeIn(WireModel):
    """A tube as it was taken."""

    tube_code: Code
    mode: Literal["single", "mixed"]
    capacity: Annotated[Literal[1, 5, 10, 20], BeforeValidator(number)]
    subject: Literal["person", "item", "environment"]
    members: list[MemberIn] = Field(default=[], max_length=MAX_MEMBERS)
    collected_at: Time
    site_code: Code | None = None
    lab_code: Code | None = None
    unit_code: Code | None = None
    sample_kind: Literal["food", "package", "surface", "environment", "container"] | None = None
    paired_with: Code | None = None
    packet_code: Code | None = None
    dispatched_at: Time | None = None
    round_code: Code | None = None


class TubesIn(WireModel):
    """Up to 2,000 tubes with up to 20,000 members; each tube is judged on its own."""

    tubes: list[rows_of(TubeIn)] = Field(min_length=1)  # type: ignore[valid-type] # made by a function


class MembersIn(WireModel):
    """Members to add."""

    members: list[MemberIn] = Field(min_length=1, max_length=1000)


class SiteIn(WireModel):
    """A sampling site; its kind decides the laboratory's limit and where a red code is sent."""

    site_code: Code
    name: PersonName
    kind: Literal[
        "checkpoint",
        "fever_clinic",
        "emergency",
        "outpatient",
        "inpatient",
        "isolation",
        "community",
        "unit",
        "other",
    ]
    township_code: Code | None = None
