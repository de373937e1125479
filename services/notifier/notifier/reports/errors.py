"""Why a form or an obligation is refused."""

from typing import Final

from shared.errors import define

FORM_IN_USE: Final = define(
    "report_form_in_use",
    409,
    "该表单在该生效日已有不同内容的版本",
    "Another version of this form begins on that day",
)
FORM_IN_PAST: Final = define(
    "report_form_in_past",
    422,
    "新表单自今天起、已有表单的新版本自明天起才能生效",
    "A new form begins today or later, a new version of a form tomorrow or later",
)
FORM_UNKNOWN: Final = define("report_form_unknown", 422, "没有这份表单", "There is no such form")
FIELD_TWICE: Final = define("report_field_twice", 422, "填报项重名", "Two fields have the same name")
FORM_DAY: Final = define(
    "report_form_day",
    422,
    "每周报送须写明 on_day 1-7(1 为周一),每月报送 1-31,其他不填",
    "A weekly form names on_day 1-7 (1 is Monday), a monthly one 1-31, any other none",
)
CUTOFFS_ORDER: Final = define(
    "report_cutoffs_order",
    422,
    "截止时间须在当日内依次递增,且晚于 00:00",
    "Cut-offs must rise within a day, after 00:00",
)
OF_WHOM: Final = define(
    "report_obligation_of_whom",
    422,
    "须写明单位代码,或行业、属性(仅限单位),或 everybody(仅限镇街、部门)",
    "Name bodies, or industries and attributes (units alone), or everybody (townships and departments alone)",
)
BODY_UNKNOWN: Final = define("report_body_unknown", 422, "没有这个填报单位", "There is no such body")
OBLIGATION_IN_PAST: Final = define(
    "report_obligation_in_past",
    422,
    "报送义务只能自今天或以后起止,已应报的不变",
    "An obligation begins and ends today or later; what was owed stays owed",
)
OBLIGATION_REVERSED: Final = define(
    "report_obligation_reversed", 422, "截止日早于起始日", "The last day lies before the first"
)
OBLIGATION_ENDED: Final = define(
    "report_obligation_ended", 409, "该报送义务已另行终止", "The obligation was ended on another day"
)
