"""What limits look like on the wire."""

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from shared.web.types import Code, Day, ShortText, WireModel

Stage = Literal["sampling", "handover", "delivery", "result", "recheck"]
AppliesTo = Literal["site", "category", "site_kind", "everything"]
Starts = Literal["sampled", "registered", "handed", "received", "opened"]
State = Literal["running", "warned", "broken", "late", "explained", "met"]
By = Literal["site", "lab", "category"]
LONGEST: Final = 14 * 24 * 60
STAGES: Final = get_args(Stage)

Minutes = Annotated[int, Field(ge=1, le=LONGEST)]


class LimitIn(WireModel):
    """A limit from a day on; without `limit_minutes` there is no clock from then on."""

    stage: Stage
    applies_to: AppliesTo
    code: Code | None = None
    effective_from: Day
    limit_minutes: Minutes | None
    warn_minutes: Minutes | None = None
    starts: Starts = "sampled"
    basis: ShortText


EXAMPLE: Final = {
    "stage": "handover",
    "applies_to": "site_kind",
    "code": "checkpoint",
    "effective_from": "2026-12-01",
    "limit_minutes": 90,
    "starts": "sampled",
    "basis": "区指挥部2026年第12号通知",
}
LIMIT: Final = {
    "stage": "result",
    "applies_to": "site_kind",
    "code": "fever_clinic",
    "effective_from": "2020-01-01",
    "limit_minutes": 360,
    "warn_minutes": 240,
    "starts": "sampled",
    "basis": "核酸检测结果必须在4-6小时内予以反馈",
    "created_by": "migration",
    "created_at": "2026-11-21T08:00:00+08:00",
    "in_force": True,
}
CLOCK: Final = {
    "stage": "handover",
    "subject": {"type": "tube", "code": "T-000123"},
    "category": "checkpoint",
    "site_code": "SITE-01",
    "lab_code": "LAB01",
    "unit_code": None,
    "starts": "sampled",
    "limit_minutes": 120,
    "warn_minutes": None,
    "starts_at": "2026-11-21T08:30:00+08:00",
    "due_at": "2026-11-21T10:30:00+08:00",
    "ended_at": None,
    "state": "broken",
    "minutes_late": 25,
    "warned_at": None,
    "broken_at": "2026-11-21T10:30:04+08:00",
    "answers": {"type": "site", "code": "SITE-01"},
}
COUNT: Final = {
    "site_code": "SITE-01",
    "stage": "handover",
    "running": 40,
    "warned": 0,
    "broken": 2,
    "late": 5,
    "explained": 1,
    "met": 310,
    "worst_minutes": 95,
}
