"""HTTP surface of clocks and of their limits."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from results_ingest.clocks import limits, reading
from results_ingest.clocks.schemas import CLOCK, COUNT, EXAMPLE, LIMIT, By, LimitIn, Stage, State
from shared.audit.recording import record
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.periods import today_or

router = APIRouter(prefix="/v1", tags=["时限 Clocks"])
Admin = Annotated[Principal, needs("admin")]
DueOn = Annotated[date, today_or("到期日,默认当天 Day on which they fall due, today by default")]
Reader = Annotated[Principal, needs("results:write", "samples:write", "records:read", "reviews:write")]
StageFilter = Annotated[
    Stage | None, Query(description="环节:开单至采样、采样至交接、采样至送达、采样至结果、复核 The stage")
]
StateFilter = Annotated[State | None, Query(description="默认未结束的 Without it those that are open")]


@router.post(
    "/clock-limits",
    status_code=201,
    responses=known(),
    summary="新增时限版本 Add a limit",
    description="某环节自 `effective_from` 起的时限(分钟)、预警和起算时点,可对单个采样点 `site`、"
    "类别 `category`、采样点类型 `site_kind` 或全部 `everything`,越具体越优先;"
    "`limit_minutes:null` 即不计时。"
    "版本只增不改;已起算的不变。\n\n"
    "The limit of a stage in minutes, its warning and its start, from a day on, for one site, a category, "
    "a kind of site or everything; the closest decides. `limit_minutes:null`: no clock. Versions are added "
    "and never changed, and clocks that run keep theirs.",
    **documents(LimitIn, example=EXAMPLE),
)
async def add_limit(
    who: Admin,
    wanted: Annotated[LimitIn, body(LimitIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a limit."""
    require_whole_district(who)
    stored, new = await limits.add(session, wanted, client_id=who.client_id, now=now)
    subject = f"{wanted.stage}:{wanted.applies_to}:{wanted.code or ''}"
    await record(session, context, who=who, action="clock_limit.add", now=now, subject=subject)
    response.status_code = 201 if new else 200
    return stored


@router.get(
    "/clock-limits",
    summary="时限及其沿革 Limits and their history",
    description="每一版本自何日起、依据、何人所设;`in_force` 为当前生效。\n\n"
    "Every version with its first day, its basis and who set it; `in_force`: it holds today.",
    **answers({"limits": [LIMIT], "next_cursor": None}),
)
async def list_limits(
    who: Reader,  # noqa: ARG001 - any of them may read
    session: SessionDep,
    now: NowDep,
    stage: StageFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List limits."""
    return await limits.page(session, stage=stage, now=now, cursor=cursor, limit=limit)


@router.get(
    "/clocks",
    summary="计时中与超时的样本 Clocks that run or ran out",
    description="按到期先后;`running` 计时中、`warned` 已预警、`broken` 超时未完成、`late` 超时完成、"
    "`explained` 报过超时但补报的时间表明按时、`met` 按时。`minutes_late` 为超时分钟数。"
    "检测机构只看到送往本机构的,镇街和部门只看到本辖区的。\n\n"
    "In the order in which they fall due. `explained`: told as a breach, and told later to have been in "
    "time. A laboratory sees what is sent to it, an area its own.",
    **answers({"clocks": [CLOCK], "next_cursor": None}),
)
async def list_clocks(
    who: Reader,
    session: SessionDep,
    now: NowDep,
    state: StateFilter = None,
    stage: StageFilter = None,
    category: CodeFilter = None,
    site_code: CodeFilter = None,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List clocks."""
    filters = {"stage": stage, "category": category, "site_code": site_code, "lab_code": lab_code}
    return await reading.page(session, who, state=state, filters=filters, cursor=cursor, limit=limit, now=now)


@router.get(
    "/clock-counts",
    summary="各环节按时与超时 How many are in time, by body and stage",
    description="当日到期(以及此前到期仍未完成)的,按采样点、检测机构或类别,超时最久的在前。\n\n"
    "Of what falls due on a day, or is open since before it, by site, laboratory or category; the worst "
    "first.",
    **answers({"day": "2026-11-21", "by": "site", "counts": [COUNT]}),
)
async def count_clocks(
    who: Reader,
    session: SessionDep,
    now: NowDep,
    day: DueOn,
    by: By = "site",
    stage: StageFilter = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Count clocks."""
    return await reading.counts(session, who, by=by, day=day, stage=stage, limit=limit, now=now)
