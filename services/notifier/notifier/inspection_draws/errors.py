"""Why an inspector or a draw is refused."""

from typing import Final

from shared.errors import define

INSPECTOR_UNKNOWN: Final = define(
    "inspector_unknown",
    422,
    "检查人员名录中没有该人员,或已停用",
    "No such inspector is in the list, or not any more",
)
INSPECTOR_RECUSED: Final = define(
    "inspector_recused",
    422,
    "检查人员与检查对象有利害关系,须回避",
    "An inspector has an interest in what is inspected, and must stand back",
)
TARGETS_NEEDED: Final = define(
    "draw_targets_needed", 422, "抽取实验室须列出名单", "A draw of laboratories needs their list"
)
FILTER_NEEDLESS: Final = define(
    "draw_filter_needless",
    422,
    "行业、镇街、部门条件只用于单位",
    "Industry and places only narrow a draw of units",
)
TOO_FEW_TARGETS: Final = define(
    "draw_too_few_targets",
    422,
    "检查对象名录中不足所抽数量",
    "The list holds fewer targets than are to be drawn",
)
TOO_FEW_INSPECTORS: Final = define(
    "draw_too_few_inspectors",
    422,
    "回避后检查人员不足",
    "After those who must stand back too few inspectors are left",
)
DRAWN_ALREADY: Final = define(
    "draw_in_use", 409, "该编号的抽取已存在且条件不同", "A draw of this number stands with another demand"
)
NOT_DONE: Final = define(
    "draw_not_inspected",
    409,
    "抽中对象尚未全部检查,不能公示",
    "Not every drawn target has been inspected yet",
)
