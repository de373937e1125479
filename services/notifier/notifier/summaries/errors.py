"""Why a summary is not signed."""

from typing import Final

from shared.errors import define

TOO_EARLY: Final = define(
    "summary_too_early",
    409,
    "当日各时段尚未全部截止,不能签发",
    "The day's slots are not all over; it cannot be signed yet",
)
NOTHING_OWED: Final = define(
    "summary_nothing_owed", 422, "该日该范围没有应报报表", "Nothing was owed there on that day"
)
ONE_AREA: Final = define(
    "summary_one_area", 422, "镇街与部门只能选其一", "Either a township or a department, not both"
)
