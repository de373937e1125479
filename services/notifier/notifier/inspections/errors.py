"""Why an inspection is refused."""

from typing import Final

from shared.errors import define

INSPECTION_IN_USE: Final = define(
    "inspection_in_use",
    409,
    "该编号的检查已存在且内容不同",
    "An inspection of this number stands with other content",
)
NOT_DRAWN: Final = define(
    "inspection_not_drawn", 422, "该对象不在抽取结果之中", "The target is not among those drawn"
)
OTHER_INSPECTORS: Final = define(
    "inspection_other_inspectors",
    422,
    "检查人员与抽取结果不符",
    "The inspectors are not those who were drawn",
)
CAUSE_OF_LABS: Final = define(
    "cause_only_of_labs",
    422,
    "样本未展示原因只用于检测机构",
    "Why samples are not shown is asked of laboratories only",
)
CHECKLIST_NEEDED: Final = define(
    "checklist_needed", 422, "有检查项答复时须写明检查表", "Answers need the check list they belong to"
)
ITEM_UNKNOWN: Final = define(
    "checklist_item_unknown",
    422,
    "检查表没有该检查项,或重复答复",
    "The list has no such item, or it is answered twice",
)
ITEM_UNANSWERED: Final = define(
    "checklist_item_unanswered", 422, "检查项未全部答复", "Not every item of the list is answered"
)
