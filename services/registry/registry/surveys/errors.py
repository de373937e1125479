"""What can be wrong with a round, a place or a decision."""

from typing import Final

from shared.errors import define

ROUND_IN_USE: Final = define(
    "survey_round_in_use", 409, "该摸排轮次已登记且内容不同", "This round stands with other content"
)
DAYS_REVERSED: Final = define(
    "days_reversed", 422, "结束日期早于开始日期", "The last day is before the first"
)
ROUND_SENT: Final = define(
    "round_sent",
    409,
    "本轮差异已反馈,不再接收摸排数据",
    "The gaps of this round were sent; it takes no more places",
)
OUTSIDE_ROUND_TRADE: Final = define(
    "trade_outside_round", 422, "该行业类别不在本轮摸排范围", "This round does not cover the trade"
)
OUTSIDE_ROUND_TOWN: Final = define(
    "township_outside_round", 422, "该镇街不在本轮摸排范围", "This round does not cover the township"
)
OUTSIDE_ROUND_DAYS: Final = define(
    "day_outside_round", 422, "摸排日期不在本轮起止日期内", "The day does not lie within the round"
)
NOT_COMPARED: Final = define(
    "round_not_compared", 409, "本轮尚未比对,请先比对", "This round was not compared yet; compare first"
)
STALE: Final = define(
    "comparison_stale",
    409,
    "比对之后数据有变化,请重新比对",
    "Something has changed since the comparison; compare again",
)
PERSON_NEEDED: Final = define(
    "named_person_decides", 403, "匹配须由实名人员确认", "A match is confirmed by a named person only"
)
ALREADY_JOINED: Final = define(
    "already_joined",
    409,
    "该许可或该单位已另行匹配",
    "This licence or this place is joined with another one",
)
