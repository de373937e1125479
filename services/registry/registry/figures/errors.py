"""What can be wrong with a question for figures."""

from typing import Final

from shared.errors import define

WEEK_IN_FUTURE: Final = define("week_in_future", 422, "该周尚未开始", "That week has not begun")
