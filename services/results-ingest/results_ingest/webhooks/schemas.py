"""Wire models of a laboratory's own address."""

from typing import Annotated

from pydantic import Field

from shared.web.types import WireModel


class WebhookIn(WireModel):
    """Where a laboratory wants to be called."""

    url: Annotated[str, Field(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]


class RotationIn(WireModel):
    """How long the old secret signs beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=30 * 24 * 3600)] = 24 * 3600


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwPD8ILPZIo2I="  # noqa: S105 - an example
SHOWN = {
    "lab_code": "LAB01",
    "url": "https://lis.lab01.internal/yingjian",
    "previous_secret_until": None,
    "created_at": "2030-01-15T12:00:00+08:00",
    "changed_at": "2030-01-15T12:00:00+08:00",
}
DELIVERY = {
    "batch_id": "019aa5b3-5c00-7abc-8def-123456780000",
    "batch_no": "2026-11-21-0001",
    "lab_code": "LAB01",
    "state": "delivered",
    "attempts": 1,
    "error": None,
    "completed_at": "2030-01-15T12:00:02+08:00",
    "tried_at": "2030-01-15T12:00:03+08:00",
    "delivered_at": "2030-01-15T12:00:03+08:00",
    "next_at": None,
}
