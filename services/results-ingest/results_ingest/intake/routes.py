"""HTTP surface of plans, counts and rounds."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from results_ingest.intake import service
from results_ingest.intake.schemas import (
    COUNT,
    GRID,
    PLAN,
    READY,
    ROUND,
    SITE,
    VISIBLE,
    IntakePlanIn,
    Readiness,
    ReadinessIn,
)
from results_ingest.reconciliation.routes import Asked
from results_ingest.shown import shown_of
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, answers, body, documents
from shared.web.codes import CodePart
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of

router = APIRouter(prefix="/v1", tags=["采样进度 Intake"])
Reader = Annotated[Principal, needs("samples:write", "records:read", "reviews:write")]
Sampler = Annotated[Principal, needs("samples:write")]
SUMS: Final = {name: COUNT[name] for name in service.COUNTED}
COUNTS: Final = {
    "as_of": "2026-11-21T12:00:00+08:00",
    "day": "2026-11-21",
    "round_code": None,
    "sums": SUMS,
    "counts": [COUNT],
}
DETAIL: Final = {
    **ROUND,
    **VISIBLE,
    "labs": [{"lab_code": "LAB01", "grids": 12, "expected": 3600, "defect": None, **VISIBLE}],
}


@router.put(
    "/intake-plans",
    summary="下达采样计划 Plan what sites sample",
    description="某日各采样点应采数量,可属于某轮次;同一采样点以最新为准。\n\n"
    "How many each site is to sample on a day, of a round or beside any; of a site the newest plan holds.",
    **documents(IntakePlanIn, example=PLAN),
)
async def plan_intake(
    who: Sampler,
    payload: Annotated[IntakePlanIn, body(IntakePlanIn, max_bytes=BULK_BYTES)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Keep a plan."""
    answer = await service.plan(session, who, payload, now=now)
    rows = len(payload.sites)
    await record(
        session, context, who=who, action="intake.plan", now=now, subject=str(payload.day), rows=rows
    )
    return answer


@router.get(
    "/intake-counts",
    summary="采样进度 How many are sampled and resulted",
    description="某日或某轮次,按采样点和轮次:总数、已采样、剩余、阴性、未出结果、非阴性;单位为份,"
    "`tubes` 为管数。"
    "任一时刻:总数 = 已采样 + 剩余,已采样 = 阴性 + 未出结果 + 非阴性。超出计划时总数随之增加;"
    "作废管不计,留存单管与其混采为同一次采样。\n\n"
    "Of a day or a round, by site and round, in samples. At every moment total = sampled + remaining, and "
    "sampled = negative + pending + not negative. Void tubes are left out, and singles that are retained.",
    **answers(COUNTS),
)
async def count_intake(
    who: Reader, context: ContextDep, session: SessionDep, now: NowDep, asked: Asked
) -> dict[str, Any]:
    """Count what is sampled."""
    counted = await service.counts(session, context, who, scope=asked, now=now)
    return {**shown_of({"as_of": now}), "day": asked.day, "round_code": asked.round_code, **counted}


@router.get(
    "/rounds",
    summary="检测轮次 Rounds",
    description="区域、开始、截止、设置时限和应检人数;只含涉及本辖区的轮次。\n\n"
    "Area, start, deadline, set-up time and expected heads; those that touch the caller's area.",
    **answers({"rounds": [ROUND], "next_cursor": None}),
)
async def list_rounds(
    who: Reader, session: SessionDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """List rounds."""
    rows = await service.rounds(session, who, after=code_after(cursor, "round"), limit=limit + 1)
    return page_of("rounds", rows, limit=limit, position=lambda row: {"round": row["round_code"]})


@router.get(
    "/rounds/{round_code}",
    summary="轮次从采样到可见 A round from swab to code",
    description="已采样、已出结果、已匹配、健康码可见,以及各检测机构的差额(`gap`);"
    "`defect` 指出未登记或停用的检测机构。差额明细见 `/v1/reconciliation/samples?round_code=`。\n\n"
    "Sampled, resulted, matched, visible, and the gap of each laboratory; `defect` names one that is not "
    "registered or not active. The samples behind a gap: `/v1/reconciliation/samples?round_code=`.",
    **answers(DETAIL),
)
async def get_round(
    who: Reader, round_code: CodePart, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return a round."""
    return await service.one(session, context, who, round_code, now=now)


@router.get(
    "/rounds/{round_code}/grids",
    summary="轮次各网格覆盖 Coverage by grid",
    description="各网格应检、已采、已出结果和缺检人数(登记服务每 `ROUND_TELL_HOURS` 小时告知);"
    "缺检名单在登记服务。\n\n"
    "Expected, sampled, resulted and missing people of each grid as registry tells every so often; "
    "registry lists the missing by name.",
    **answers({"grids": [GRID], "next_cursor": None}),
)
async def list_round_grids(
    who: Reader,
    round_code: CodePart,
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List grids of a round."""
    after = code_after(cursor, "grid")
    rows = await service.grids(session, who, round_code, after=after, limit=limit + 1)
    return page_of("grids", rows, limit=limit, position=lambda row: {"grid": row["grid_code"]})


@router.get(
    "/rounds/{round_code}/sites",
    summary="轮次采样点就绪 Sites of a round",
    description="计划内各采样点:就绪、就绪但迟到、等待、迟到(超过设置时限)。\n\n"
    "The planned sites: ready, ready late, waiting, or late (past the time for the set-up).",
    **answers({"sites": [SITE], "next_cursor": None}),
)
async def list_round_sites(
    who: Reader,
    round_code: CodePart,
    session: SessionDep,
    now: NowDep,
    readiness: Annotated[Readiness | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List sites of a round."""
    rows = await service.sites(
        session,
        who,
        round_code,
        readiness=readiness,
        after=code_after(cursor, "site"),
        limit=limit + 1,
        now=now,
    )
    return page_of("sites", rows, limit=limit, position=lambda row: {"site": row["site_code"]})


@router.post(
    "/rounds/{round_code}/sites/{site_code}/readiness",
    status_code=201,
    responses=known() | {200: {"description": "内容相同 The same was told before"}},
    summary="报告采样点就绪 Report a site ready",
    description="采样点设置到位、人员配备到位;以第一次报告为准,内容不同得 409。\n\n"
    "The site is set up and staffed; the first report holds, another content: 409.",
    **documents(ReadinessIn, example=READY),
)
async def report_site_ready(
    who: Sampler,
    round_code: CodePart,
    site_code: CodePart,
    payload: Annotated[ReadinessIn, body(ReadinessIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Report a site ready."""
    answer, new = await service.ready(session, who, round_code, site_code, payload, now=now)
    response.status_code = 201 if new else 200
    await record(
        session, context, who=who, action="round.site-ready", now=now, subject=f"{round_code}/{site_code}"
    )
    return answer
