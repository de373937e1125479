"""Wire models of referrals."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from registry.people.schemas import IdType
from shared.web.types import Code, HealthCodeId, LongText, PersonName, Phone, Time, WireModel

State = Literal["open", "arrived", "closed", "lost", "cancelled"]


class PatientIn(WireModel):
    """Who has a fever; somebody known keeps name and phone as they are."""

    id_type: IdType
    id_no: Annotated[str, Field(max_length=64)]
    name: PersonName
    phone: Phone | None = None
    health_code_id: HealthCodeId | None = None


class ReferralIn(WireModel):
    """A report; without `due_at` the patient is to arrive within the set hours."""

    from_unit_code: Code
    to_unit_code: Code
    patient: PatientIn
    reported_at: Time
    due_at: Time | None = None
    complaint: LongText | None = None


class FollowUpIn(WireModel):
    """What a call or a visit to the patient showed; `to_unit_code`: another fever clinic."""

    outcome: Literal["on_the_way", "unreachable", "refused", "redirected"]
    to_unit_code: Code | None = None
    note: LongText | None = None


class ArrivalIn(WireModel):
    """When the patient came to the fever clinic."""

    at: Time
    note: LongText | None = None


class StepOut(BaseModel):
    """One step; `content` is what was said, with clients' own words."""

    n: int
    kind: str
    client_id: str
    at: datetime
    content: dict[str, str | None] | None


class Institution(BaseModel):
    """One side of a referral."""

    code: str
    name: str


class ReferralOut(BaseModel):
    """A referral, its patient masked.

    `due_at`: until when the patient is to arrive, then until when the result is to come; `late`: that has
    passed. `held`: the patient is kept at the clinic until the result (row 70).
    """

    referral_id: UUID
    person_id: UUID
    patient: dict[str, str | None]
    from_unit: Institution
    to_unit: Institution
    state: State
    late: bool
    held: bool
    outcome: Literal["negative", "positive"] | None
    reported_at: datetime
    due_at: datetime
    arrived_at: datetime | None
    event_id: UUID | None
    result_id: UUID | None
    ended_at: datetime | None


class ReferralDetail(BaseModel):
    """A referral with its history."""

    referral: ReferralOut
    steps: list[StepOut]


class ReferralList(BaseModel):
    """A page of referrals, newest first."""

    referrals: list[ReferralOut]
    next_cursor: str | None


class InstitutionReport(BaseModel):
    """What became of an institution's referrals."""

    from_unit: Institution
    reported: int
    open: int
    arrived: int
    closed: int
    lost: int
    cancelled: int
    late: int


class ReferralReport(BaseModel):
    """Every institution that referred somebody in the days asked for, inside the caller's area."""

    first: str
    last: str
    institutions: list[InstitutionReport]
