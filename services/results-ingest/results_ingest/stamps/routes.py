"""HTTP surface of stages, faulty stamps and backlogs."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter

from results_ingest.sight import own_lab
from results_ingest.stamps import service
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.periods import SAMPLED, today_or

router = APIRouter(prefix="/v1", tags=["采送检报 Stages"])
Reader = Annotated[Principal, needs("samples:write", "records:read", "reviews:write")]
LabToo = Annotated[Principal, needs("results:write", "records:read", "reviews:write")]
Asked = Annotated[date, today_or(SAMPLED)]

STAGE = {
    "lab_code": "LAB01",
    "stage": "testing",
    "tubes": 812,
    "median": 95.0,
    "p90": 180.5,
    "longest": 402.0,
}
FAULT = {
    "tube_code": "T-000123",
    "site_code": "SITE-01",
    "lab_code": "LAB01",
    "stamps": {"collected_at": "2026-11-21T08:30:00+08:00", "tested_at": "2026-11-21T12:00:00+08:00"},
    "faults": [{"stage": "delivered", "code": "stamp_missing"}],
}
BACKLOG = {
    "lab_code": "LAB01",
    "on_the_way": 120,
    "waiting": 310,
    "oldest_received_at": "2026-11-21T08:10:00+08:00",
    "oldest_minutes": 185,
}


@router.get(
    "/stage-times",
    summary="采、送、检、报各环节用时 How long each stage takes",
    description="某日采样的管,按采样点或检测机构:`sampling` 采样至封包、"
    "`delivery` 封包至签收、`testing` 签收至检测、`entry` 检测至录入的中位数、九成和最长用时(分钟),"
    "最慢的在前。\n\n"
    "Of a day's tubes by site or laboratory: median, nine tenths and longest of each stage in minutes, "
    "the slowest first.",
    **answers({"day": "2026-11-21", "by": "lab", "stages": [STAGE]}),
)
async def stage_times(
    who: Reader,
    session: SessionDep,
    day: Asked,
    by: service.By = "lab",
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Measure the stages."""
    return await service.stages(session, who, day=day, by=by, limit=limit)


@router.get(
    "/stamp-faults",
    summary="缺失或颠倒的环节时间 Missing or reversed stamps",
    description="某日采样的管中,四个时间缺失或先后颠倒的。\n\n"
    "Of a day's tubes those with a stamp missing before a later one, or reversed.",
    **answers({"tubes": [FAULT], "next_cursor": None}),
)
async def list_stamp_faults(
    who: Reader,
    session: SessionDep,
    day: Asked,
    site_code: CodeFilter = None,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List tubes with faulty stamps."""
    filters = {"site_code": site_code, "lab_code": lab_code}
    return await service.faults(session, who, day=day, filters=filters, cursor=cursor, limit=limit)


@router.get(
    "/backlogs",
    summary="各检测机构积压 Backlog of each laboratory",
    description="在途、已签收未报告的管数和最早一支的签收时间;检测机构只看到自己。不含留存单管。\n\n"
    "Tubes on their way, received and not yet reported, and the oldest of them; a laboratory sees itself. "
    "Retained singles are left out.",
    **answers({"backlogs": [BACKLOG]}),
)
async def list_backlogs(who: LabToo, session: SessionDep, context: ContextDep, now: NowDep) -> dict[str, Any]:
    """Show what waits at each laboratory."""
    only = own_lab(who, "records:read", "reviews:write")
    days = context.settings.backlog_days
    return {"backlogs": await service.backlogs(session, only=only, now=now, days=days)}
