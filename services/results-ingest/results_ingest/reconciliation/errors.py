"""The codes of the reconciliation."""

from shared.errors import define

VOID_IN_USE = define(
    "tube_void_differs",
    409,
    "该采样管已作废,内容不同",
    "The tube was declared void with other content",
)
DAY_OR_ROUND = define(
    "day_or_round", 422, "日期与轮次只能给其一", "Ask for a day or for a round, not for both"
)
