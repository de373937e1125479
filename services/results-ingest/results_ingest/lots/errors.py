"""The codes that only lots have."""

from typing import Final

from results_ingest.lots import rules
from shared.errors import define

LOT_IN_USE: Final = define(
    "lot_in_use", 409, "该批次货物编码已登记为其他内容", "This lot code stands for other content"
)
LOT_RELEASED: Final = define(
    "lot_released", 409, "该批次货物已放行,不能再登记", "The lot is released; nothing is added to it"
)
NOT_RELEASABLE: Final = define(
    "lot_not_releasable",
    409,
    "该批次货物尚不能放行",
    "The lot cannot be released yet",
)
UNIT_OUTSIDE: Final = define(
    "lot_unit_unknown",
    422,
    "单位不在本辖区,或尚未登记",
    "The unit lies outside the area, or is not known yet",
)
BEFORE_ARRIVAL: Final = define(rules.BEFORE_ARRIVAL, 422, "时间早于到货", "The time lies before the arrival")
NOT_ITS_TUBE: Final = define(
    "lot_tube_unfit",
    422,
    "须为本单位到货后采集的物品或环境样本管,且不属于其他批次",
    "A tube of goods or premises of this unit, taken after the arrival, and in no other lot",
)
LACKING: Final = {
    each.code: each
    for each in (
        define(rules.NOT_REPORTED, 409, "尚未报备", "It was not reported"),
        define(rules.NOT_DISINFECTED, 409, "尚未消毒", "It was not disinfected"),
        define(rules.NOT_SAMPLED, 409, "尚未采样", "It was not sampled"),
        define(rules.RESULT_MISSING, 409, "有样本尚无结果", "A sample has no result yet"),
        define(rules.NOT_NEGATIVE, 409, "有样本不是阴性", "A sample is not negative"),
    )
}
