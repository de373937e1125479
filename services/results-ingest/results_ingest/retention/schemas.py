"""Wire models of keeping and dropping."""

from typing import Annotated, Final

from pydantic import Field, model_validator

from shared.web.types import Code, LongText, Time, WireModel, refuse

Reason = Annotated[LongText, Field(min_length=2)]


class LegalHoldIn(WireModel):
    """What may not be dropped: batches of a laboratory, or of all, received within a time."""

    hold_code: Code
    lab_code: Code | None = None
    received_from: Time
    received_to: Time | None = None
    reason: Reason

    @model_validator(mode="after")
    def _in_order(self) -> "LegalHoldIn":
        if self.received_to is not None and self.received_to < self.received_from:
            raise refuse("period_reversed")
        return self


class HoldReleaseIn(WireModel):
    """Why a hold ends."""

    reason: Reason


HOLD: Final = {
    "hold_code": "2030-ZB-07",
    "lab_code": "LAB01",
    "received_from": "2030-01-01T00:00:00+08:00",
    "received_to": None,
    "reason": "第 7 号调查",
    "held_by": "client-1",
    "held_at": "2030-01-15T12:00:00+08:00",
    "released_by": None,
    "released_at": None,
    "release_reason": None,
}
MONTH: Final = {"month": "2029-11", "items": 4100, "bytes": 181000000, "due": 4000, "held": 100}
REPORT: Final = {
    "as_of": "2030-01-15T12:00:00+08:00",
    "classes": [
        {
            "class": "originals",
            "name": "原始上报内容及已处理的行",
            "setting": "ORIGINAL_RETENTION_DAYS",
            "days": 730,
            "before": "2028-01-16T12:00:00+08:00",
            "items": 4100,
            "due": 4000,
            "held": 100,
            "months": [MONTH],
        }
    ],
    "partitions": {"through": "2030-03", "beside": False},
}
DROP: Final = {
    "class": "originals",
    "month": "2028-01",
    "dropped_on": "2030-01-15",
    "items": 4000,
    "bytes": 176000000,
}
