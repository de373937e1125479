"""The codes that only venues have."""

from shared.errors import define

VENUE_UNBOUND = define(
    "venue_unbound",
    403,
    "该客户端尚未绑定到任何场所,请由管理员登记",
    "This client is bound to no venue yet; an administrator registers it",
)
VENUE_IN_USE = define(
    "venue_client_in_use", 409, "该客户端已绑定到另一场所", "This client is bound to another venue"
)
VENUE_OUTSIDE = define(
    "venue_outside", 422, "单位不在本辖区,或尚未登记", "The unit lies outside the area, or is not known yet"
)
REPORT_IN_USE = define(
    "venue_report_conflict",
    409,
    "该直报编号已用于其他内容",
    "This report number was used for other content",
)
SAMPLE_REPORTED = define(
    "sample_reported", 409, "有样本已在另一份直报中报过", "A sample stands in another report already"
)
OTHER_DAY = define(
    "collected_on_other_day", 422, "采样时间不在直报日当天", "It was not collected on the day of the report"
)
DAY_OUT = define(
    "report_day_out",
    422,
    "直报日不得在将来,也不得早于允许补报的天数",
    "The day of a report lies in the future, or further back than may be made up",
)
