"""What a laboratory looks like on the wire."""

from typing import Annotated, Final

from pydantic import Field, model_validator

from shared.web.types import Code, Day, ShortText, WireModel, refuse

TURNAROUND_HOURS: Final = 24
"""From sampling to the result, for whatever is no fever clinic or patient (requirements 1H.12)."""

Opening = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Closing = Annotated[str, Field(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Hours = Annotated[int, Field(ge=1, le=168)]


class OpeningHours(WireModel):
    """Hours of every day, Asia/Shanghai; `to` before `from` means past midnight."""

    opens: Opening = Field(alias="from")
    closes: Closing = Field(alias="to")


class Outside(WireModel):
    """A laboratory of another district, enabled for a period: both days included (requirements row 156)."""

    region: ShortText
    begins: Day = Field(alias="from")
    ends: Day = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> "Outside":
        if self.ends < self.begins:
            raise refuse("period_reversed")
        return self


class LabBody(WireModel):
    """A laboratory to register. Without opening hours it works round the clock."""

    lab_code: Code
    name: ShortText
    opening_hours: OpeningHours | None = None
    turnaround_limit_hours: Hours = TURNAROUND_HOURS
    active: bool = True
    outside: Outside | None = None


class LabPatch(WireModel):
    """What is to change; absent fields stay."""

    name: ShortText | None = None
    opening_hours: OpeningHours | None = None
    turnaround_limit_hours: Hours | None = None
    active: bool | None = None
    outside: Outside | None = None


class TermsBody(WireModel):
    """What a laboratory can do and when, from a day on. Without opening hours it works round the clock.

    `silent_minutes`: so long it may post nothing while it is open and tubes wait for it; `always_expected`:
    also while none are known to wait.
    """

    effective_from: Day
    opening_hours: OpeningHours | None = None
    capacity: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    silent_minutes: Annotated[int, Field(ge=1, le=10_080)] | None = None
    always_expected: bool = False


EXAMPLE: Final = {
    "lab_code": "LAB01",
    "name": "区第一人民医院检验科",
    "opening_hours": {"from": "07:30", "to": "22:00"},
    "turnaround_limit_hours": 24,
}
SHOWN: Final = EXAMPLE | {
    "active": True,
    "outside": None,
    "created_at": "2026-11-01T09:00:00+08:00",
    "updated_at": "2026-11-01T09:00:00+08:00",
}
TERMS_EXAMPLE: Final = {
    "effective_from": "2026-12-01",
    "opening_hours": {"from": "07:30", "to": "22:00"},
    "capacity": 5000,
    "silent_minutes": 120,
    "always_expected": False,
}
