"""Why a roster or a shift is refused."""

from typing import Final

from shared.errors import define

ROSTER_REVERSED: Final = define(
    "roster_days_reversed", 422, "截止日早于起始日", "The last day lies before the first"
)
SHIFT_REVERSED: Final = define(
    "shift_reversed",
    422,
    "班次结束须晚于开始,且不超过 72 小时",
    "A shift ends after it begins, in 72 hours at most",
)
SHIFT_PAST: Final = define("shift_past", 422, "班次已经结束", "The shift is over already")
SHIFT_OVERLAP: Final = define(
    "shift_overlap", 409, "与同一单位的另一班次重叠", "It overlaps another shift of the same body"
)
