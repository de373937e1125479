"""What reviews look like on the wire."""

from typing import Literal

from shared.web.types import LongText, PersonName, WireModel


class ReviewIn(WireModel):
    """A verdict on a result: `released` only after `confirmed`."""

    verdict: Literal["confirmed", "refuted", "released"]
    reviewer: PersonName
    note: LongText | None = None
