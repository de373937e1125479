"""What can be wrong with a unit's plan."""

from typing import Final

from shared.errors import define

NO_THING_RULES: Final = define(
    "no_thing_rules", 422, "该类别没有物品或环境检测规则", "The category has no rule about goods or premises"
)
PLAN_IN_USE: Final = define(
    "plan_in_use", 409, "该单位该类别同日已有计划且内容不同", "This plan stands with other content"
)
