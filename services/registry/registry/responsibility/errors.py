"""What can be wrong with a check of a contact or an assignment of a tester."""

from typing import Final

from shared.errors import define

UNKNOWN_INSTITUTION: Final = define(
    "unknown_institution", 422, "采样机构不存在", "The sampling institution is no unit of the ledger"
)
TESTER_OVERLAPS: Final = define(
    "tester_overlaps",
    409,
    "该单位在所给日期内已有采样机构",
    "Another institution tests this unit on some of these days",
)
DAYS_REVERSED: Final = define(
    "days_reversed", 422, "结束日期早于开始日期", "The last day is before the first"
)
