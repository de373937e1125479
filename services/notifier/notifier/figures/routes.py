"""HTTP surface of notifier's figures."""

from typing import Annotated, Any, Final

from fastapi import APIRouter

from notifier.figures import service
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.deps import NowDep, SessionDep
from shared.web.figures_page import figures_page
from shared.web.periods import FigureDays

SCOPES: Final = ("records:read", "cases:respond")
router = APIRouter(prefix="/v1/figures", tags=["统计 Figures"])
page = figures_page(service="notifier", scopes=SCOPES, draw=service.draw)
SHOWN: Final = {
    "first_day": "2030-01-02",
    "last_day": "2030-01-15",
    "days": [
        {"day": "2030-01-15", "kind": "alert.positive", "status": "delivered", "notices": 3, "overdue": 1}
    ],
    "open_alerts": [
        {"kind": "alert.positive", "open": 3, "overdue": 1, "oldest": "2030-01-15T08:00:00+08:00"}
    ],
}


@router.get(
    "",
    summary="通知统计 Notices counted",
    description="按签发日、种类和状态统计,overdue 为超时未签收的条数;open_alerts 为目前未签收的预警,"
    "不论日期。只含本辖区,不含任何人员信息。\n\n"
    "By the day of issue, kind and state, with those whose acknowledgement is overdue; open alerts are those "
    "that nobody has acknowledged by now, whatever their day. Inside the area; nobody is named.",
    **answers(SHOWN),
)
async def list_notice_figures(
    who: Annotated[Principal, needs(*SCOPES)],
    session: SessionDep,
    now: NowDep,
    days: FigureDays,
) -> dict[str, Any]:
    """Count the notices of a period."""
    begin, end = days
    return {
        "first_day": begin,
        "last_day": end,
        "days": await service.by_day(session, first=begin, last=end, who=who, now=now),
        "open_alerts": await service.open_alerts(session, who=who, now=now),
    }
