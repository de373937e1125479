"""The codes of plans and of rounds' sites."""

from shared.errors import define

SITE_NOT_KNOWN = define(
    "plan_site_unknown",
    422,
    "采样点尚未登记,或不在本辖区",
    "The site is not registered, or lies outside the client's area",
)
SITE_TWICE = define("plan_site_repeated", 422, "采样点在计划中重复", "The site is twice in this plan")
NOT_RUNNING = define(
    "round_not_running", 409, "该轮次尚未启动或已结束", "The round has not begun, or has ended"
)
READY_IN_USE = define(
    "readiness_differs",
    409,
    "该采样点已报告就绪,内容不同",
    "The site has reported itself ready with other content",
)
