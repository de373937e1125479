"""Why somebody cannot be moved."""

from typing import Final

from registry.transfers import rules
from shared.errors import define

FROM_NOWHERE: Final = define(
    rules.FROM_NOWHERE,
    422,
    "该人员未纳入原单位或类别",
    "The person is not enrolled where they would come from",
)
SAME_PLACE: Final = define(
    rules.SAME_PLACE, 422, "原单位类别与新单位类别相同", "The person would move to where they are"
)
BEFORE_ENROLLED: Final = define(
    rules.BEFORE_ENROLLED,
    422,
    "调动日期早于纳入日期",
    "The person would be moved before being enrolled",
)
AFTER_LEFT: Final = define(
    rules.AFTER_LEFT, 422, "调动日期晚于离开日期", "The person had left before the day of the transfer"
)
ALREADY_THERE: Final = define(
    rules.ALREADY_THERE, 409, "该人员已纳入新单位和类别", "The person is enrolled there already"
)
