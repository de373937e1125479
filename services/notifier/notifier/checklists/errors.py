"""Why a kind of problem or a check list is refused."""

from typing import Final

from shared.errors import define

KIND_UNKNOWN: Final = define(
    "problem_kind_unknown", 422, "问题目录中没有该种类", "The catalogue has no such kind of problem"
)
CHECKLIST_UNKNOWN: Final = define(
    "checklist_unknown", 422, "当日没有生效的该检查表", "No such check list is in force on that day"
)
CHECKLIST_IN_USE: Final = define(
    "checklist_in_use",
    409,
    "该检查表的这一版本已有其他内容",
    "This version of the check list stands with other content",
)
VERSION_IN_PAST: Final = define(
    "checklist_in_past", 422, "新版本不得早于今天生效", "A new version must not be in force before today"
)
ITEM_REPEATED: Final = define("checklist_item_repeated", 422, "检查项重复", "An item stands there twice")
