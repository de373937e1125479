"""The codes of manifests."""

from shared.errors import define

MANIFEST_IN_USE = define(
    "manifest_no_in_use",
    409,
    "该检测清单编号已用于其他内容",
    "This manifest number was used for other content",
)
TUBE_REPEATED = define(
    "manifest_tube_repeated", 422, "清单内采样管编码重复", "The same tube is twice in this manifest"
)
DAY_AHEAD = define("manifest_day_ahead", 422, "检测日期晚于今天", "The day of testing lies ahead")
NO_DIFFERENCE = define(
    "difference_not_open",
    422,
    "该管在该日没有待说明的差异",
    "There is no difference of this tube on this day to be explained",
)
