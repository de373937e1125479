"""What rosters look like on the wire."""

from typing import Annotated, Final

from pydantic import Field

from shared.web.types import Day, Email, PersonName, Phone, Time, WireModel


class DutyRosterIn(WireModel):
    """From which day to which a body is on duty around the clock."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day | None = None


class OnDuty(WireModel):
    """Somebody on duty; sealed at rest, masked in answers. Without an e-mail the body's own is used."""

    name: PersonName
    phone: Phone
    email: Email | None = None


class ShiftIn(WireModel):
    """A shift with whom to call and who leads (带班领导)."""

    starts_at: Time
    ends_at: Time
    on_call: OnDuty
    leader: OnDuty


class ShiftsIn(WireModel):
    """Shifts of one body, all or none."""

    shifts: Annotated[list[ShiftIn], Field(min_length=1, max_length=500)]


MASKED: Final = {"name_masked": "李*", "phone_masked": "138****8000", "has_email": True}
ROSTER: Final = {"from": "2026-12-01", "to": None}
SHIFT: Final = {
    "starts_at": "2026-12-01T08:00:00+08:00",
    "ends_at": "2026-12-02T08:00:00+08:00",
    "on_call": {"name": "李明", "phone": "13800138000", "email": "duty@town01.example"},
    "leader": {"name": "王芳", "phone": "13900139000"},
}
SHIFT_SHOWN: Final = {
    "shift_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "department_code": "TOWN-01",
    "starts_at": "2026-12-01T08:00:00+08:00",
    "ends_at": "2026-12-02T08:00:00+08:00",
    "on_call": MASKED,
    "leader": MASKED,
    "created_by": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "created_at": "2026-11-30T10:00:00+08:00",
    "withdrawn_by": None,
    "withdrawn_at": None,
}
ROSTER_SHOWN: Final = {
    "department_code": "TOWN-01",
    "name": "城关镇",
    "from": "2026-12-01",
    "to": None,
    "changed_by": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "changed_at": "2026-11-30T10:00:00+08:00",
    "on_duty": SHIFT_SHOWN,
}
GAP: Final = {
    "department_code": "TOWN-01",
    "name": "城关镇",
    "from": "2026-12-02T08:00:00+08:00",
    "to": "2026-12-03T00:00:00+08:00",
}
