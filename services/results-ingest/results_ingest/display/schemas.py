"""What a list of what is shown looks like on the wire."""

from typing import Final, Literal

from pydantic import Field

from shared.web.types import HealthCodeId, Time, WireModel, rows_of

MAX_PEOPLE: Final = 10_000


class ShownIn(WireModel):
    """What the platform shows of a person: the display, and when the newest result shown was collected."""

    health_code_id: HealthCodeId
    display: Literal["positive", "under_recheck", "negative", "pending", "none"]
    collected_at: Time | None = None


class ShownListIn(WireModel):
    """What the platform shows at a moment."""

    as_of: Time
    people: list[rows_of(ShownIn)] = Field(min_length=1)  # type: ignore[valid-type]


EXAMPLE: Final = {
    "as_of": "2026-11-21T18:00:00+08:00",
    "people": [
        {"health_code_id": "HC-7f3a91", "display": "negative", "collected_at": "2026-11-21T08:30:00+08:00"}
    ],
}
