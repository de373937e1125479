"""What can be wrong with a trade or a licence."""

from typing import Final

from registry.licences import rules
from shared.errors import define

UNKNOWN_TRADE: Final = define("unknown_trade_code", 422, "行业类别代码不存在", "The trade code is not known")
EMPTY_NUMBER: Final = define(
    "licence_no_empty", 422, "许可证号不含字母、数字或汉字", "The licence number holds no letter or digit"
)
LISTED_TWICE: Final = define(
    rules.LISTED_TWICE, 422, "同一清单中重复出现", "It stands more than once in this list"
)
LISTED_DIFFERENTLY: Final = define(
    rules.LISTED_DIFFERENTLY,
    422,
    "同一清单中重复出现且内容不一致,请核对后重报",
    "It stands more than once in this list with different content: check and send again",
)
OLDER_LIST: Final = define(
    "older_than_known",
    422,
    "已有更新的清单,本行未采用",
    "A newer list has been taken in; this row was not used",
)
CANCELLED_BEFORE_ISSUED: Final = define(
    "cancelled_before_issued", 422, "注销日期早于发证日期", "The licence would end before it begins"
)
