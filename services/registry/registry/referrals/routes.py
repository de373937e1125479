"""HTTP surface of referrals."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status

from registry.events.schemas import CancellationIn
from registry.lists import DayQuery
from registry.referrals import reading, service
from registry.referrals.schemas import (
    ArrivalIn,
    FollowUpIn,
    ReferralDetail,
    ReferralIn,
    ReferralList,
    ReferralReport,
    State,
)
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after
from shared.web.periods import day_in

router = APIRouter(prefix="/v1", tags=["发热患者转诊 Referrals"])
Handler = Annotated[Principal, needs("cases:respond")]
Reader = Annotated[Principal, needs("cases:respond", "records:read")]

REFERRAL = {
    "from_unit_code": "PDY0001",
    "to_unit_code": "12350100488000000X",
    "patient": {"id_type": "resident_id", "id_no": "11010519491231002X", "name": "张伟"},
    "reported_at": "2026-11-21T09:30:00+08:00",
    "complaint": "发热 38.2 ℃,咳嗽",
}  # fmt: skip


@router.post(
    "/referrals",
    status_code=status.HTTP_201_CREATED,
    response_model=ReferralDetail,
    responses=known(ReferralDetail),
    summary="报告发热患者并转诊 Report a fever patient",
    description="基层医疗机构报告发热患者,引导至规范设置的发热门诊;到达并出结果后自动办结,未到的列出并通知。"
    "患者资料加密保存;未登记的人员随即登记,已登记的不改动。同一机构对同一人只有一件在跟踪。\n\n"
    "A grass-roots institution reports a patient and sends them to a fever clinic; arrival and result end "
    "it, whoever does not come is listed and told of. Somebody unknown is registered, somebody known is "
    "not changed; one institution follows one person once at a time.",
    **documents(ReferralIn, example=REFERRAL),
)
async def report_patient(
    who: Handler,
    wanted: Annotated[ReferralIn, body(ReferralIn)],
    context: ContextDep,
    response: Response,
) -> dict[str, Any]:
    """Open a referral."""
    referral_id, new = await service.report(context, wanted, who=who)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    async with context.db.transaction(limits=who.limits) as session:
        now = await context.clock.now(session)
        return await reading.detail(session, context, referral_id=referral_id, who=who, now=now)


async def _wanted(
    state: Annotated[State | None, Query()] = None,
    unit_code: CodeQuery = None,
    *,
    late: Annotated[bool, Query(description="只列超期的 Only those late")] = False,
) -> reading.Filter:
    return reading.Filter(state, unit_code, late)


@router.get(
    "/referrals",
    response_model=ReferralList,
    summary="转诊列表 List referrals",
    description="新的在前,只含本辖区机构报告或接收的;`state=lost` 为失访,`late=true` 为超期。\n\n"
    "Newest first: what the area's institutions reported or its fever clinics are sent. Masked; recorded.",
)
async def list_referrals(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    wanted: Annotated[reading.Filter, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List referrals."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await reading.page(
        session, context, who=who, wanted=wanted, before=before, limit=limit + 1, now=now
    )
    return page_of("referrals", rows, limit=limit, position=lambda row: {"before": str(row["referral_id"])})


@router.get(
    "/referral-report",
    response_model=ReferralReport,
    summary="转诊统计 Referrals by institution",
    description="各机构在期间内报告的转诊及去向;默认近 30 天。\n\n"
    "What became of the referrals that each institution reported; by default of the last thirty days.",
)
async def report_referrals(
    who: Reader, session: SessionDep, now: NowDep, first: DayQuery = None, last: DayQuery = None
) -> dict[str, Any]:
    """Count referrals by institution."""
    ends = day_in("last", last) or day_of(now)
    begins = day_in("first", first) or ends - timedelta(days=29)
    rows = await reading.report(session, who=who, first=begins, last=ends, now=now)
    return {"first": begins.isoformat(), "last": ends.isoformat(), "institutions": rows}


@router.get(
    "/referrals/{referral_id}",
    response_model=ReferralDetail,
    summary="转诊详情 Get a referral",
    description="患者(已脱敏)、两方机构、期限和全部经过。查询留痕。\n\n"
    "The patient, masked, both institutions, the deadline and every step. Recorded.",
)
async def get_referral(
    referral_id: UUID, who: Reader, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return a referral."""
    return await reading.detail(session, context, referral_id=referral_id, who=who, now=now)


@router.post(
    "/referrals/{referral_id}/follow-ups",
    response_model=ReferralDetail,
    summary="登记随访 Record a follow-up",
    description="在途、联系不上、拒绝,或改去另一家发热门诊(`redirected` 并给出 `to_unit_code`)。\n\n"
    "On the way, unreachable, refused, or sent to another fever clinic.",
    **documents(FollowUpIn, example={"outcome": "unreachable", "note": "电话无人接听"}),
)
async def follow_up(
    referral_id: UUID,
    who: Handler,
    wanted: Annotated[FollowUpIn, body(FollowUpIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Record a follow-up."""
    await service.follow_up(session, context, wanted, referral_id=referral_id, who=who, now=now)
    await record(session, context, who=who, action="referral.follow", subject=str(referral_id), now=now)
    return await reading.detail(session, context, referral_id=referral_id, who=who, now=now)


@router.post(
    "/referrals/{referral_id}/arrival",
    response_model=ReferralDetail,
    summary="登记到达 Record the arrival",
    description="由接收的发热门诊登记;同时开出检测任务,出结果前留观。\n\n"
    "By the fever clinic's side; the visit opens its test, and the patient is held until the result.",
    **documents(ArrivalIn, example={"at": "2026-11-21T11:05:00+08:00"}),
)
async def record_arrival(
    referral_id: UUID,
    who: Handler,
    wanted: Annotated[ArrivalIn, body(ArrivalIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Record the arrival."""
    await service.arrive(session, context, wanted, referral_id=referral_id, who=who, now=now)
    await record(session, context, who=who, action="referral.arrive", subject=str(referral_id), now=now)
    return await reading.detail(session, context, referral_id=referral_id, who=who, now=now)


@router.post(
    "/referrals/{referral_id}/cancellation",
    response_model=ReferralDetail,
    summary="撤销转诊 Cancel a referral",
    description="由报告机构一方撤销误报;已到达的不能撤销。\n\nBy the reporting side; nobody who has arrived.",
    **documents(CancellationIn, example={"reason": "重复报告"}),
)
async def cancel_referral(
    referral_id: UUID,
    who: Handler,
    wanted: Annotated[CancellationIn, body(CancellationIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Cancel a referral."""
    await service.cancel(session, context, wanted, referral_id=referral_id, who=who, now=now)
    await record(session, context, who=who, action="referral.cancel", subject=str(referral_id), now=now)
    return await reading.detail(session, context, referral_id=referral_id, who=who, now=now)
