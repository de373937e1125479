"""What can be wrong with a row about a person, a health code, an enrolment or an exemption."""

from typing import Final

from registry.people import rules
from shared.errors import define

UNKNOWN_UNIT: Final = define(rules.UNKNOWN_UNIT, 422, "单位代码不存在", "The unit code is not known")
UNKNOWN_CATEGORY: Final = define(
    rules.UNKNOWN_CATEGORY, 422, "人群类别编码不存在", "The category code is not known"
)
HEALTH_CODE_TAKEN: Final = define(
    rules.HEALTH_CODE_TAKEN, 409, "该健康码标识属于另一人", "Another person holds this health-code id"
)
LEFT_BEFORE_ENROLLED: Final = define(
    rules.LEFT_BEFORE_ENROLLED, 422, "离开日期早于纳入日期", "The person would leave before being enrolled"
)
LEFT_NOWHERE: Final = define(
    rules.LEFT_NOWHERE, 422, "离开日期没有对应的单位或类别", "There is no unit or category to leave"
)
UNIT_NEEDED: Final = define(
    rules.UNIT_NEEDED,
    422,
    "辖区账号登记人员须写明本辖区单位",
    "A client of an area must name a unit of its area",
)
NOT_ENROLLED: Final = define(
    "not_enrolled", 422, "该人员未纳入该单位", "This person is not enrolled in the unit"
)
UNKNOWN_PERSON: Final = define(
    "unknown_person", 422, "没有登记该人员", "Nobody is registered under this number"
)
DAYS_REVERSED: Final = define(
    "days_reversed", 422, "结束日期早于开始日期", "The last day is before the first"
)
PEOPLE_BUSY: Final = define(
    "people_busy", 503, "同一批人员正在被修改,请稍后重试", "The same people are being changed; try again"
)
EXEMPTION_PAST: Final = define(
    "exemption_past", 409, "已结束的豁免不能修改", "An exemption that has ended cannot be changed"
)
NAMED_PERSON_NEEDED = define(
    "named_person_needed", 403, "仅限实名个人账号", "Only a client that is a named person may do this"
)
EXEMPTION_TOO_LONG: Final = define(
    "exemption_too_long", 422, "豁免期限超过上限", "The exemption is longer than is allowed"
)
