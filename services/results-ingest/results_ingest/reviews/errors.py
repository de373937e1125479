"""The codes that only reviews have."""

from shared.errors import define

REVIEW_BY_LAB = define(
    "review_by_lab",
    403,
    "复核须由检测机构以外的客户端进行",
    "A review is by a client other than the laboratory's",
)
REVIEW_ORDER = define(
    "review_out_of_order",
    409,
    "该结论与现有复核状态不符:先确认或排除;只有已确认的可解除;已被更正的结果请复核更正后的结果",
    "This verdict does not fit: confirm or refute first, release only what is confirmed; "
    "of a corrected result, review the correcting one",
)
