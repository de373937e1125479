"""HTTP surface of gaps."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from registry.gaps import queries, service
from registry.gaps.schemas import GapKind, GapList, GapOut, GapReport, GapState, GapStepIn, GapWithSteps
from shared.audit.recording import record
from shared.clock import day_of
from shared.db import fetch_all
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1", tags=["差异 Gaps"])


@router.get(
    "/gaps",
    response_model=GapList,
    summary="差异列表 List gaps",
    description="审批与摸排的差异(只有许可、只有摸排),各归一个主管部门和一个镇街;含办理天数和是否超期,只列出本辖区内的。\n\n"
    "What is only licensed or only surveyed, each with one department and one township, its age and whether "
    "it is late; inside the caller's area.",
)
async def list_gaps(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    now: NowDep,
    *,
    state: Annotated[GapState | None, Query()] = None,
    kind: Annotated[GapKind | None, Query()] = None,
    overdue: Annotated[bool, Query()] = False,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
    trade_code: CodeQuery = None,
    round_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List gaps."""
    today = day_of(now)
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=uuid_after(cursor, "gap_id"),
        limit=limit + 1,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
        department_code=department_code,
        trade_code=trade_code,
        round_code=round_code,
        state=state,
        kind=kind,
        overdue=overdue,
        today=today,
    )
    shown = [service.shown(row, today=today) for row in rows]
    return page_of("gaps", shown, limit=limit, position=lambda row: {"gap_id": str(row["gap_id"])})


@router.get(
    "/gap-report",
    response_model=GapReport,
    summary="差异办理统计 Count gaps",
    description="按行业类别、镇街、主管部门统计各状态数量和超期数量;名单见差异列表的同名筛选。\n\n"
    "By trade, township and department: how many in each state and how many late; the list of gaps takes "
    "the same filters.",
)
async def report_gaps(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    now: NowDep,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
    trade_code: CodeQuery = None,
    round_code: CodeQuery = None,
) -> dict[str, Any]:
    """Count gaps."""
    rows = await fetch_all(
        session,
        queries.FIGURES,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
        department_code=department_code,
        trade_code=trade_code,
        round_code=round_code,
        today=day_of(now),
    )
    return {"rows": [dict(row) for row in rows]}


@router.get(
    "/gaps/{gap_id}",
    response_model=GapWithSteps,
    summary="查询差异 Get a gap",
    description="含全部办理记录;记录只增不改。\n\nWith its whole history, which is only ever added to.",
)
async def get_gap(
    gap_id: UUID,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return a gap."""
    return await service.get(session, context, gap_id=gap_id, who=who, today=day_of(now))


@router.post(
    "/gaps/{gap_id}/steps",
    response_model=GapOut,
    summary="办理差异 Take a step on a gap",
    description="镇街和主管部门签收(received)、反馈(answered);指挥部退回(returned)、移交(assigned)、"
    "办结(closed,须有反馈、写明原因、由另一人进行)。\n\n"
    "Township and department confirm receipt and answer; the district returns, assigns, or closes with a "
    "reason: after an answer, and by another client than answered.",
    **documents(GapStepIn, example={"kind": "answered", "note": "已核实,店铺已停业"}),
)
async def take_gap_step(
    gap_id: UUID,
    who: Annotated[Principal, needs("cases:respond")],
    wanted: Annotated[GapStepIn, body(GapStepIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Take a step."""
    await record(
        session, context, who=who, action="gap.step", now=now, subject=str(gap_id), purpose=wanted.kind
    )
    return await service.take_step(session, context, wanted, gap_id=gap_id, who=who, now=now)
