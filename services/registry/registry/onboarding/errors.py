"""What can be refused here."""

from typing import Final

from shared.errors import define

NOT_ONBOARDING: Final = define(
    "not_onboarding", 409, "该客户端不在接入阶段", "This client is not being taken on"
)
REPORT_UNKNOWN: Final = define(
    "report_unknown", 422, "没有该客户端的这份报告", "This client has no such report"
)
REPORT_NOT_PASSED: Final = define(
    "report_not_passed", 422, "该报告未通过,或已过期", "The report was not passed, or is too old"
)
REPORT_IN_USE: Final = define(
    "report_in_use", 409, "该次检查已提交过其他内容的报告", "This run was reported with other content"
)
