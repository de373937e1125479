"""What can be wrong with a question for figures."""

from typing import Final

from shared.errors import define

PERIOD_REVERSED: Final = define(
    "period_reversed", 422, "结束日早于开始日", "The last day lies before the first"
)
PERIOD_TOO_LONG: Final = define("period_too_long", 422, "时间段过长", "The period is too long")
WEEK_IN_FUTURE: Final = define("week_in_future", 422, "该周尚未开始", "That week has not begun")
