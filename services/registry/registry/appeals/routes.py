"""HTTP surface of appeals."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from registry.appeals import reading, service
from registry.appeals.schemas import AppealIn, AppealList, AppealOut, Claim, DecisionIn, EvidenceIn, State
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/appeals", tags=["申诉 Appeals"])

APPEAL = {
    "claim": "result_not_mine",
    "person_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e16356",
    "result_id": "01a1ffad-68cf-7ed5-b35a-73f8b2e10007",
    "statement": "当日不在本区,未采样",
    "references": [{"kind": "车票", "ref": "G1234 2026-11-20"}],
}
EVIDENCE = {"statement": "采样点登记表无本人签字", "references": []}
DECISION = {"verdict": "upheld", "reason": "经核实采样管绑定有误,已通知检测机构更正"}
Handler = Annotated[Principal, needs("cases:respond", "reviews:write")]


async def _wanted(
    state: Annotated[State | None, Query()] = None,
    claim: Annotated[Claim | None, Query()] = None,
    unit_code: CodeQuery = None,
    *,
    late: Annotated[bool, Query(description="只列超期未决 Only those late")] = False,
) -> reading.Filter:
    return reading.Filter(state, claim, unit_code, late)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=AppealOut,
    responses={**known(AppealOut), 404: {"description": "人员或问题不在本辖区 Not inside the own area"}},
    summary="提出申诉 Open an appeal",
    description="对本人的结果、检测任务、健康码,或对本单位的问题提出异议;同一事项在办的申诉只有一件。"
    "陈述和材料加密保存,在规定时限内由另一账号决定。\n\n"
    "Disputes somebody's result, duty or code, or a unit's finding. About one thing one appeal runs at a "
    "time. What is said lies sealed; another client decides within the set time.",
    **documents(AppealIn, example=APPEAL),
)
async def open_appeal(
    who: Handler,
    wanted: Annotated[AppealIn, body(AppealIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Open an appeal."""
    appeal_id, new = await service.open_appeal(session, context, wanted, who=who, now=now)
    await record(session, context, who=who, action="appeal.open", subject=str(appeal_id), now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return await reading.appeal(session, context, appeal_id=appeal_id, who=who, now=now)


@router.get(
    "",
    response_model=AppealList,
    summary="申诉列表 List appeals",
    description="新的在前,只含本辖区;`late=true` 只列超期未决的。\n\n"
    "Newest first, inside the area; `late=true` only what nobody has decided in time.",
)
async def list_appeals(
    who: Handler,
    session: SessionDep,
    now: NowDep,
    wanted: Annotated[reading.Filter, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List appeals."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await reading.page(session, who=who, wanted=wanted, before=before, limit=limit + 1, now=now)
    return page_of("appeals", rows, limit=limit, position=lambda row: {"before": str(row["appeal_id"])})


@router.get(
    "/{appeal_id}",
    response_model=AppealOut,
    summary="申诉详情 Get an appeal",
    description="全部步骤、提出时与现在的状态;查询留痕。\n\n"
    "Every step, what was shown when it was opened and what is shown now; the look is recorded.",
)
async def get_appeal(
    appeal_id: UUID, who: Handler, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return an appeal."""
    await record(session, context, who=who, action="appeal.read", subject=str(appeal_id), now=now)
    return await reading.appeal(session, context, appeal_id=appeal_id, who=who, now=now)


@router.post(
    "/{appeal_id}/evidence",
    response_model=AppealOut,
    summary="补充材料 Add evidence",
    description="决定之前可补充;步骤只增不改。\n\nUntil it is decided; steps are only ever added.",
    **documents(EvidenceIn, example=EVIDENCE),
)
async def add_evidence(
    appeal_id: UUID,
    who: Handler,
    wanted: Annotated[EvidenceIn, body(EvidenceIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Add evidence."""
    await service.add_evidence(session, context, wanted, appeal_id=appeal_id, who=who, now=now)
    await record(session, context, who=who, action="appeal.evidence", subject=str(appeal_id), now=now)
    return await reading.appeal(session, context, appeal_id=appeal_id, who=who, now=now)


@router.post(
    "/{appeal_id}/decision",
    response_model=AppealOut,
    summary="决定申诉 Decide an appeal",
    description="须由申诉、举证、录入之外的另一账号决定。支持时:检测任务以豁免或离开更正,健康码以新标识更正,"
    "问题单撤销;结果类等待检测机构更正或疾控复核,到达后自动办结。\n\n"
    "By a client that has neither brought the matter nor entered what is disputed. Upheld, a duty is "
    "corrected by an exemption or a leaving, a code by the right one, a finding is withdrawn; about a result "
    "the laboratory's correction or the CDC's review is awaited and ends the appeal by itself.",
    **documents(DecisionIn, example=DECISION),
)
async def decide_appeal(
    appeal_id: UUID,
    who: Annotated[Principal, needs("reviews:write", "admin")],
    wanted: Annotated[DecisionIn, body(DecisionIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Decide an appeal."""
    await service.decide(session, context, wanted, appeal_id=appeal_id, who=who, now=now)
    await record(session, context, who=who, action="appeal.decide", subject=str(appeal_id), now=now)
    return await reading.decided(session, context, appeal_id=appeal_id, now=now)


@router.post(
    "/{appeal_id}/withdrawal",
    response_model=AppealOut,
    summary="撤回申诉 Withdraw an appeal",
    description="只能由提出申诉的账号在决定之前撤回。\n\nBy the client that opened it, until it is decided.",
)
async def withdraw_appeal(
    appeal_id: UUID, who: Handler, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Withdraw an appeal."""
    await service.withdraw(session, context, appeal_id=appeal_id, who=who, now=now)
    await record(session, context, who=who, action="appeal.withdraw", subject=str(appeal_id), now=now)
    return await reading.appeal(session, context, appeal_id=appeal_id, who=who, now=now)
