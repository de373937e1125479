"""Why a filing is refused."""

from typing import Final

from shared.errors import define

IN_FUTURE: Final = define("report_in_future", 422, "不得提前填报以后的日期", "The day lies in the future")
NOT_OPEN: Final = define(
    "report_slot_not_open",
    422,
    "该时段尚未开始,请在上一截止时间之后填报",
    "The slot has not begun yet; file after the cut-off before it",
)
NOT_OWED: Final = define(
    "report_not_owed", 422, "该单位在该日该时段没有报送义务", "The body owes no report for this slot and day"
)
BODY_NEEDED: Final = define(
    "report_body_needed", 422, "全区账号须写明为哪个单位填报", "A client of the whole district names the body"
)
ZERO_OR_COUNTS: Final = define(
    "report_zero_or_counts",
    422,
    "零报告不填各项数,其他须填全部各项数(零也要填)",
    "A zero report has no counts; any other has all of them, zeros included",
)
COUNT_UNKNOWN: Final = define("report_count_unknown", 422, "表单中没有该填报项", "The form has no such field")
COUNT_MISSING: Final = define(
    "report_count_missing",
    422,
    "缺少表单要求的填报项,零也须填写",
    "A count of the form is missing",
)
REASON_NEEDED: Final = define(
    "report_reason_needed", 422, "更正已报内容须写明原因", "A correction of what was filed needs its reason"
)
