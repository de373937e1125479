"""What can be wrong with a unit or a row of the industry map."""

from typing import Final

from shared.errors import define

UNIT_IN_USE: Final = define(
    "unit_code_in_use",
    409,
    "该单位代码已登记且内容不同,请用 PATCH 修改",
    "This unit code stands with other content; change it by PATCH",
)
INDUSTRY_CODE: Final = define(
    "industry_code_malformed",
    422,
    "行业代码不符合 GB/T 4754-2017",
    "The industry code is not one of GB/T 4754-2017",
)
MAPPING_IN_USE: Final = define(
    "mapping_in_use",
    409,
    "该行业映射已存在且内容不同",
    "This row of the industry map stands with other content",
)
DAYS_REVERSED: Final = define(
    "days_reversed", 422, "结束日期早于开始日期", "The last day is before the first"
)
UNKNOWN_ATTRIBUTE: Final = define(
    "unknown_attribute", 422, "单位属性不存在", "This attribute of units is not known"
)
HALF_ATTRIBUTE: Final = define(
    "attribute_incomplete",
    422,
    "属性名和取值须同时给出",
    "An attribute needs both its dimension and its value",
)
OWN_DEPARTMENT: Final = define(
    "unit_is_its_department",
    422,
    "单位不能是自己的主管部门或所属镇街",
    "A unit cannot be its own department or township",
)
