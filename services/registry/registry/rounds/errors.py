"""What a round may be refused for."""

from typing import Final

from shared.errors import define

ROUND_IN_USE: Final = define(
    "round_code_in_use", 409, "该轮次代码已登记且内容不同", "This round code stands with other content"
)
ROUND_STATE: Final = define(
    "round_state", 409, "轮次当前状态不允许此操作", "The round's state does not allow this step"
)
NO_GRIDS: Final = define(
    "round_without_grids", 422, "所选区划内没有网格", "There is no grid in these divisions"
)
GRIDS_INCOMPLETE: Final = define(
    "round_grids_incomplete",
    422,
    "有网格缺少底数、检测机构或采样队伍,不能启动",
    "Grids lack a head count, a laboratory or a team; the round cannot start",
)
MISSING: Final = define("missing_for_round", 422, "启动轮次前须补齐", "Needed before a round may start")
DEADLINE_FIRST: Final = define(
    "deadline_before_start", 422, "截止时间不晚于开始时间", "The deadline is not after the start"
)
NOT_A_DRILL: Final = define(
    "not_a_drill", 409, "该轮次不是演练,样本须登记采样管", "The round is no drill: its samples are tubes"
)
NOT_IN_ROUND: Final = define(
    "not_in_round", 422, "该人员不在本轮次的网格内", "The person lives in no grid of this round"
)
