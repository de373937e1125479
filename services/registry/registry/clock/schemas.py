"""Wire model of the business clock."""

from shared.web.types import Time, WireModel


class ClockIn(WireModel):
    """The time it shall be."""

    now: Time
