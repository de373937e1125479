"""What can be wrong with a department."""

from typing import Final

from shared.errors import define

DEPARTMENT_IN_USE: Final = define(
    "department_code_in_use",
    409,
    "该部门代码已登记且内容不同,请用 PATCH 修改",
    "This department code stands with other content; change it by PATCH",
)
UNKNOWN_PARENT: Final = define(
    "unknown_parent_code", 422, "上级部门代码不存在", "The parent code is no department"
)
PARENT_CYCLE: Final = define(
    "parent_cycle", 422, "上级部门关系成环", "A department cannot be its own parent, directly or not"
)
UNKNOWN_DEPARTMENT: Final = define(
    "unknown_department_code", 422, "部门代码不存在", "The department code is not known"
)
UNKNOWN_TOWNSHIP: Final = define(
    "unknown_township_code", 422, "镇街代码不存在", "The township code is not known"
)
NOT_A_TOWNSHIP: Final = define(
    "not_a_township", 422, "该代码不是镇街级部门", "The code is not a department of level township"
)
EMPTY_PATCH: Final = define("nothing_to_change", 422, "没有要修改的内容", "There is nothing to change")
