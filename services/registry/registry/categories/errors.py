"""What can be wrong with a category or a rule."""

from typing import Final

from registry.categories.rules import CONTRADICTORY
from shared.errors import define

CATEGORY_IN_USE: Final = define(
    "category_code_in_use",
    409,
    "该类别编码已登记且内容不同",
    "This category code stands with other content",
)
UNKNOWN_AREA: Final = define("unknown_area_code", 422, "区域代码不存在", "The area code is not known")
UNKNOWN_VACCINATED_AS: Final = define(
    "unknown_vaccinated_as", 422, "接种后适用的类别不存在", "The category after vaccination is not known"
)
VACCINATED_AS_ITSELF: Final = define(
    "vaccinated_as_itself",
    422,
    "接种后适用的类别不能是它自己",
    "A category cannot be its own after vaccination",
)
DAYS_REVERSED: Final = define(
    "days_reversed", 422, "结束日期早于开始日期", "The last day is before the first"
)
RULE_BEFORE_CATEGORY: Final = define(
    "rule_before_category", 422, "规则开始日期早于类别开始日期", "The rule begins before its category"
)
PARAMETERS_CONTRADICT: Final = define(
    CONTRADICTORY, 422, "参数自相矛盾,无人能够遵守", "The parameters contradict each other"
)
RULE_CONTRADICTS: Final = define(
    "rule_contradicts",
    409,
    "同一区域同一时期已有不相容的临时规则",
    "A limited rule of the same area and days stands that this one contradicts",
)
RULE_AFTER_CATEGORY: Final = define(
    "rule_after_category", 422, "规则开始日期晚于类别结束日期", "The rule begins after its category has ended"
)
