"""What can be wrong with a row about a division."""

from typing import Final

from registry.divisions import rules
from shared.errors import define

NOT_AT_THIS_LEVEL: Final = define(
    rules.NOT_AT_THIS_LEVEL,
    422,
    "该级区划没有此字段(底数、检测机构、采样队伍只属于网格,镇街代码只属于镇街)",
    "A division of this level has no such field: head count, laboratory and team belong to grids, "
    "the township's code to townships",
)
UNKNOWN_PARENT_DIVISION: Final = define(
    rules.UNKNOWN_PARENT,
    422,
    "上级区划尚未登记,请先登记或在同一请求中一并登记",
    "The parent division is not known; register it before or in the same request",
)
UNKNOWN_TEAM: Final = define(rules.UNKNOWN_TEAM, 422, "采样队伍代码不存在", "The team code is not known")
UNKNOWN_DIVISION: Final = define(
    "unknown_division_code", 422, "区划代码不存在", "The division code is not known"
)
NOT_A_GRID: Final = define("not_a_grid", 422, "该区划不是网格(15 位)", "The division is no grid (15 digits)")
