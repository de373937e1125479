"""What a decision looks like on the wire."""

from typing import Literal

from shared.web.types import HealthCodeId, LongText, WireModel


class ResolutionIn(WireModel):
    """A decision on an entry of the desk."""

    decision: Literal["accept", "reject"]
    health_code_id: HealthCodeId | None = None
    reason: LongText
