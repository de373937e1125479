"""What a laboratory looks like on the wire."""

from typing import Annotated, Final

from pydantic import Field

from shared.web.types import Code, ShortText, WireModel

TURNAROUND_HOURS: Final = 24
"""From sampling to the result, for whatever is no fever clinic or patient (requirements 1H.12)."""

Opening = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Closing = Annotated[str, Field(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Hours = Annotated[int, Field(ge=1, le=168)]


class OpeningHours(WireModel):
    """Hours of every day, Asia/Shanghai; `to` before `from` means past midnight."""

    opens: Opening = Field(alias="from")
    closes: Closing = Field(alias="to")


class LabBody(WireModel):
    """A laboratory to register. Without opening hours it works round the clock."""

    lab_code: Code
    name: ShortText
    opening_hours: OpeningHours | None = None
    turnaround_limit_hours: Hours = TURNAROUND_HOURS
    active: bool = True


class LabPatch(WireModel):
    """What is to change; absent fields stay."""

    name: ShortText | None = None
    opening_hours: OpeningHours | None = None
    turnaround_limit_hours: Hours | None = None
    active: bool | None = None


EXAMPLE: Final = {
    "lab_code": "LAB01",
    "name": "区第一人民医院检验科",
    "opening_hours": {"from": "07:30", "to": "22:00"},
    "turnaround_limit_hours": 24,
}
SHOWN: Final = EXAMPLE | {
    "active": True,
    "created_at": "2026-11-01T09:00:00+08:00",
    "updated_at": "2026-11-01T09:00:00+08:00",
}
