"""Settings of the notifier, beside the common ones."""

from datetime import time
from typing import Literal

from pydantic import Field

from shared.settings import Settings


class NotifierSettings(Settings):
    """Each default that the sources leave open is said with its requirement (1H)."""

    channels: tuple[str, ...] = Field(("file",), description="ways out: file, gateway")
    gateway_url: str | None = Field(None, description="where the generic HTTP gateway takes messages")
    gateway_token: str | None = Field(None, description="bearer token for the gateway")
    gateway_timeout_seconds: float = Field(3.0, gt=0, le=30, description="for a whole hand-over")
    delivery_attempts: int = Field(300, ge=1, description="attempts before a delivery counts as failed")
    delivery_lease_seconds: float = Field(
        4.0, gt=0, description="after it a claimed delivery is taken again; longer than a gateway's timeout"
    )
    delivery_poll_seconds: float = Field(
        1.0, gt=0, description="how often a sender looks without being woken"
    )
    ack_minutes: int = Field(30, ge=1, description="1H.10: acknowledgement of an urgent notice")
    repeat_minutes: int = Field(10, ge=1, description="1H.10: repeated so often until acknowledged")
    repeats_before_escalation: int = Field(
        3, ge=1, description="1H.10: repeats before the next level is told"
    )
    ack_workdays: int = Field(2, ge=0, description="1H.10: acknowledgement of other notices")
    recheck_hours: float = Field(4, gt=0, description="1H.11: from the order of a re-check to its due time")
    recheck_route: Literal["retained", "recall"] = Field(
        "retained", description="test what was retained, or call everybody for a new single (1F.11)"
    )
    quiet_from: time = Field(time(21), description="ours: begin of the quiet hours, Asia/Shanghai")
    quiet_until: time = Field(time(8), description="ours: end of the quiet hours; equal means none")
    workday_kinds: tuple[str, ...] = Field(
        ("bulletin.unit", "task.written_report", "task.interview", "report.upward", "report.missing"),
        description="ours: kinds that are sent on workdays only",
    )
    confirm_seconds: float = Field(
        8.0,
        gt=0,
        description="longer than any transaction of notifier's: then everything is addressed a last time",
    )
    readdress_hours: int = Field(72, ge=1, description="ours: how long a late contact is still told")
    recurrence_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="ours, row 106: so long the same kind at the same target is a repetition",
    )
    rectification_escalate_level: int = Field(
        2, ge=2, description="ours, row 106: from this level on headquarters gets a copy of the order"
    )
    rectification_chase_days: int = Field(3, ge=1, description="ours: a late repair is chased so often")
    issue_ledger_period: Literal["week", "month"] = Field("week", description="ours, row 107: of the ledger")
    issue_ledger_most: int = Field(
        20_000, ge=1, description="ours: the most open items that one push of the ledger looks at"
    )
    figures_longest_days: int = Field(62, ge=1, le=366, description="ours: the most days of one report")
