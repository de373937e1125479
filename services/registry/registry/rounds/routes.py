"""HTTP surface of mass testing rounds."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, status

from registry.divisions.routes import DivisionPath
from registry.people.schemas import BulkVerdict
from registry.rounds import counting, service
from registry.rounds.schemas import (
    DrillSamplesIn,
    MissingList,
    Readiness,
    RoundDetail,
    RoundGridList,
    RoundIn,
    RoundList,
    RoundOut,
    State,
)
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after
from shared.web.problems import worded

router = APIRouter(prefix="/v1/rounds", tags=["全员检测轮次 Mass testing rounds"])

Reader = Annotated[Principal, needs("records:read", "cases:respond")]
Admin = Annotated[Principal, needs("admin")]
EXAMPLE = {
    "round_code": "2026-R1",
    "name": "城关镇第一轮全员检测",
    "division_codes": ["420100001"],
    "starts_at": "2026-11-21T08:00:00+08:00",
}
STATES: dict[int | str, dict[str, Any]] = {409: {"description": "`code`: round_state"}}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=RoundOut,
    responses=known(RoundOut),
    summary="计划检测轮次 Plan a round",
    description="区划(其下所有网格)、开始、截止(缺省 `ROUND_HOURS` 小时)、设置时限(缺省 `ROUND_SETUP_HOURS`"
    " 小时)。`drill` 为演练:数据与真实轮次完全分开。同样内容再次提交返回 200。\n\n"
    "Divisions (all grids below them), start, deadline, hours for the set-up. A `drill` is kept apart "
    "from all real data. The same content again answers 200 (requirements rows 86 and 137).",
    **documents(RoundIn, example=EXAMPLE),
)
async def plan_round(
    who: Admin,
    wanted: Annotated[RoundIn, body(RoundIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Plan a round."""
    planned, new = await service.plan(session, context, wanted, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return planned


@router.get(
    "",
    response_model=RoundList,
    summary="检测轮次列表 List rounds",
    description="只含涉及本辖区的轮次。\n\nThose that touch the caller's area.",
)
async def list_rounds(
    who: Reader,
    session: SessionDep,
    state: Annotated[State | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List rounds."""
    rows = await service.page(
        session, who=who, after=code_after(cursor, "code"), limit=limit + 1, state=state
    )
    return page_of("rounds", rows, limit=limit, position=lambda row: {"code": row["round_code"]})


@router.get(
    "/{round_code}",
    response_model=RoundDetail,
    summary="查询检测轮次 Get a round",
    description="含合计:网格数、已就绪、迟到、应检、已采、已出结果;"
    "`counted_at` 为最早一次统计时间,统计前为空。\n\n"
    "With totals: grids, ready, late, expected, sampled, resulted; null before the first count.",
)
async def get_round(round_code: CodePath, who: Reader, session: SessionDep, now: NowDep) -> dict[str, Any]:
    """Return one round."""
    return await service.get(session, round_code=round_code, who=who, now=now)


@router.post(
    "/{round_code}/activation",
    response_model=RoundOut,
    responses=STATES,
    summary="启动轮次 Start a round",
    description="每个网格须有底数、检测机构和采样队伍,否则 422 `round_grids_incomplete` 并逐项列出;"
    "设置时限自启动起算。\n\n"
    "Every grid needs a head count, a laboratory and a team, else 422 `round_grids_incomplete` names each "
    "(requirements row 51). The set-up clock begins now (row 84).",
)
async def start_round(
    round_code: CodePath, who: Admin, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Start a round."""
    return await service.take_step(
        session, context, round_code=round_code, step="activation", who=who, now=now
    )


@router.post(
    "/{round_code}/closing",
    response_model=RoundOut,
    responses=STATES,
    summary="结束轮次 Close a round",
    description="之后采集的样本不再计入本轮;最后再统计一次。\n\n"
    "Samples collected later do not count for it; it is counted once more.",
)
async def close_round(
    round_code: CodePath, who: Admin, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Close a round."""
    return await service.take_step(session, context, round_code=round_code, step="closing", who=who, now=now)


@router.post(
    "/{round_code}/cancellation",
    response_model=RoundOut,
    responses=STATES,
    summary="取消轮次 Cancel a planned round",
    description="只能取消尚未启动的轮次。\n\nOnly one that has not been started.",
)
async def cancel_round(
    round_code: CodePath, who: Admin, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Cancel a planned round."""
    return await service.take_step(
        session, context, round_code=round_code, step="cancellation", who=who, now=now
    )


@router.get(
    "/{round_code}/grids",
    response_model=RoundGridList,
    summary="轮次网格 List a round's grids",
    description="每个网格的就绪情况与覆盖:应检、已采、已出结果、未采;"
    "`readiness=late` 列出超时未就绪的网格。\n\n"
    "Readiness and coverage of each grid; `readiness=late` lists those that are not ready in time "
    "(requirements rows 84 and 87).",
)
async def list_round_grids(
    round_code: CodePath,
    who: Reader,
    session: SessionDep,
    now: NowDep,
    readiness: Annotated[Readiness | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List a round's grids."""
    rows = await service.grids(
        session,
        round_code=round_code,
        who=who,
        now=now,
        after=code_after(cursor, "code"),
        limit=limit + 1,
        readiness=readiness,
    )
    return page_of("grids", rows, limit=limit, position=lambda row: {"code": row["grid_code"]})


@router.post(
    "/{round_code}/grids/{division_code}/readiness",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=STATES,
    summary="采样点就绪报告 Report a grid ready",
    description="采样点设置到位、人员配备到位;以第一次报告为准。\n\n"
    "The sampling point is set up and staffed; the first report counts (requirements row 84).",
)
async def report_ready(
    round_code: CodePath,
    division_code: DivisionPath,
    who: Annotated[Principal, needs("samples:write", "admin")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> None:
    """Report a grid ready."""
    await service.report_ready(
        session, context, round_code=round_code, grid_code=division_code, who=who, now=now
    )


@router.get(
    "/{round_code}/grids/{division_code}/missing",
    response_model=MissingList,
    summary="未采样人员 List who has no sample",
    description="该网格居民中本轮没有样本的人,姓名已脱敏,即时统计;查询留痕。\n\n"
    "Residents of the grid without a sample of this round, names masked, as of now; recorded "
    "(requirements row 87).",
)
async def list_missing(
    round_code: CodePath,
    division_code: DivisionPath,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List who has no sample."""
    rows = await counting.missing(
        session,
        context,
        round_code=round_code,
        grid_code=division_code,
        who=who,
        now=now,
        after=uuid_after(cursor, "person_id"),
        limit=limit + 1,
    )
    return page_of("people", rows, limit=limit, position=lambda row: {"person_id": row["person_id"]})


@router.post(
    "/{round_code}/drill-samples",
    response_model=BulkVerdict,
    responses={409: {"description": "`code`: not_a_drill, round_state"}},
    summary="演练采样登记 Note samples of a drill",
    description="只用于演练轮次:计入演练覆盖,不产生任何检测记录、状态或真实覆盖。\n\n"
    "For drills alone: they count for the drill's coverage and reach no ledger, status or real round "
    "(requirements row 137).",
    **documents(DrillSamplesIn, example={"health_code_ids": ["HC-000001"]}),
)
async def add_drill_samples(
    request: Request,
    round_code: CodePath,
    who: Annotated[Principal, needs("samples:write", "admin")],
    wanted: Annotated[DrillSamplesIn, body(DrillSamplesIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Note samples of a drill."""
    verdict = await service.add_drill_samples(
        session, context, wanted.health_code_ids, round_code=round_code, who=who, now=now
    )
    return worded(verdict, request)
