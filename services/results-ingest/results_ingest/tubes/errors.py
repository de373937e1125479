"""The codes that only tubes have."""

from shared.errors import Message, define

TUBE_CODE_IN_USE = define(
    "tube_code_in_use",
    409,
    "该采样管编码 180 天内已用于其他内容",
    "This tube code was used for other content within 180 days",
)
TUBE_RESULTED = define(
    "tube_resulted",
    409,
    "该管已有检测结果,不能再加入人员",
    "The tube has its result; nobody can be added",
)
SINGLE_ONLY = define(
    "single_only",
    422,
    "黄码、红码或带星号人员须单采单检,不得进入混采管",
    "Yellow, red or starred people are sampled singly, never in a mixed tube",
)
TO_ISOLATION_POINT = define(
    "to_isolation_point",
    422,
    "红码人员在卡口不采样,直接闭环送隔离点采样",
    "A red code at a checkpoint goes straight to the isolation point and is sampled there",
)
POOL_OF_POOLS = define("pool_of_pools", 422, "混采管内不得再放采样管", "A tube is never a member of a tube")
POOL_FULL = define("pool_full", 422, "人数超过采样管容量", "More people than the tube can take")
MEMBER_REPEATED = define(
    "member_repeated", 422, "同一人在该管中重复", "The same person is twice in this tube"
)
MEMBER_IDENTIFIER = define(
    "member_identifier",
    422,
    "每名人员须给出 health_code_id,或 id_type、id_no 与 name,二者择一",
    "Each member is named by health_code_id, or by id_type, id_no and name",
)
CAPACITY_MODE = define(
    "capacity_mode",
    422,
    "单采管容量为 1,混采管容量为 5、10 或 20",
    "A single tube takes 1, a mixed one 5, 10 or 20",
)
POOL_SIZE = define(
    "pool_size_not_allowed",
    422,
    "采样当日不允许该人数的混采",
    "A pool of this size is not allowed on the day of sampling",
)
THING_NEEDS = define(
    "thing_needs_unit_and_kind",
    422,
    "物品和环境样本须有 unit_code 与 sample_kind",
    "Item and environment tubes need unit_code and sample_kind",
)
THING_HAS_NO_MEMBERS = define(
    "thing_has_no_members", 422, "物品和环境样本没有人员", "Item and environment tubes have no members"
)
PERSON_HAS_NO_KIND = define(
    "person_has_no_sample_kind", 422, "人员样本没有 sample_kind", "Tubes of people have no sample_kind"
)
DISPATCHED_EARLY = define(
    "dispatched_before_collected", 422, "送出时间早于采样时间", "Dispatched before it was collected"
)
OUTSIDE_AREA = define(
    "outside_area",
    422,
    "单位或采样点不在本辖区,或尚未登记",
    "The unit or site lies outside the client's area, or is not known yet",
)
DRILL_ROUND = define(
    "drill_round",
    422,
    "该轮次为演练,不得登记真实采样管",
    "The round is a drill: no real tube belongs to it",
)
SITE_IN_USE = define("site_conflict", 409, "该采样点编码已用于其他内容", "This site code has other content")

OWN: dict[str, Message] = {
    m.code: m
    for m in (TUBE_CODE_IN_USE, SINGLE_ONLY, TO_ISOLATION_POINT, POOL_OF_POOLS, POOL_FULL, MEMBER_REPEATED)
}
"""Refusals that are the answer's own code, not only one of its errors."""
