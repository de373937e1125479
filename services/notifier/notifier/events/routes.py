"""HTTP surface of suspected cases, their clocks and their end."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from notifier.events import limits, reading, service
from notifier.events.schemas import (
    END,
    EVENT,
    LIMIT,
    LIMIT_SHOWN,
    REPORT,
    SHOWN,
    STEP,
    TRACING,
    CaseIn,
    EventEndDecision,
    EventEndRequest,
    EventLimitIn,
    EventState,
    NationalReport,
    Tracing,
)
from shared.audit.recording import record
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import answers, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix="/v1", tags=["疑似病例 Suspected cases"])
Admin = Annotated[Principal, needs("admin")]
Recorder = Annotated[Principal, needs("cases:respond", "reviews:write")]
Decider = Annotated[Principal, needs("reviews:write")]
Reader = Annotated[Principal, needs("cases:respond", "records:read", "reviews:write")]
LateQuery = Annotated[bool, Query(description="只列有超时的 Only those with a clock that ran out")]


@router.post(
    "/events",
    status_code=201,
    responses=known(),
    summary="登记疑似病例 Record a suspected case",
    description="登记后立即加急通知疾控、镇街和部门,网络直报(2 小时)和流调溯源(24 小时)开始计时。"
    "不填写任何个人信息,人员最多以健康码标识指明。同一编号同样内容得 200。\n\n"
    "The CDC, township and department are told at once, and the clocks of the national report and of tracing "
    "begin. No personal data; a person by health-code id at most. The same code and content answer 200.",
    **documents(CaseIn, example=EVENT),
)
async def record_event(
    who: Recorder,
    wanted: Annotated[CaseIn, body(CaseIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Record a suspected case."""
    event_id, new = await service.record_event(session, context, wanted, who=who, now=now)
    await record(session, context, who=who, action="event.record", now=now, subject=str(event_id))
    response.status_code = 201 if new else 200
    return await reading.one(session, context, who, event_id=event_id)


@router.get(
    "/events",
    summary="疑似病例列表 List suspected cases",
    description="最新的在前,只列本辖区。\n\nNewest first, inside the caller's area.",
    **answers({"events": [SHOWN], "next_cursor": None}),
)
async def list_events(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    state: EventState | None = None,
    *,
    late: LateQuery = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List events."""
    found = await reading.page(session, who, state=state, late=late, cursor=cursor, limit=limit, now=now)
    await record(session, context, who=who, action="events.list", now=now, rows=len(found["events"]))
    return found


@router.get(
    "/events/{event_id}",
    summary="疑似病例与全部步骤 A suspected case with every step",
    description="计时情况和每一步由谁、何时、依据什么。\n\n"
    "Its clocks, and of every step who, when and on what basis.",
    **answers(SHOWN | {"steps": [STEP]}),
)
async def get_event(
    event_id: UUID, who: Reader, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """Return an event."""
    await record(session, context, who=who, action="event.read", now=now, subject=str(event_id))
    return await reading.one(session, context, who, event_id=event_id)


@router.post(
    "/events/{event_id}/national-report",
    summary="登记网络直报编号 Enter the number of the national report",
    description="结束 2 小时计时;不再催办。同样内容再次提交结果不变。\n\n"
    "Ends the clock of the national report; nobody is reminded any more. Again changes nothing.",
    **documents(NationalReport, example=REPORT),
)
async def enter_national_report(
    event_id: UUID,
    who: Recorder,
    wanted: Annotated[NationalReport, body(NationalReport)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Close the clock of the national report."""
    await service.report(session, context, wanted, event_id=event_id, who=who, now=now)
    await record(session, context, who=who, action="event.report", now=now, subject=str(event_id))
    return await reading.one(session, context, who, event_id=event_id)


@router.post(
    "/events/{event_id}/tracing",
    summary="办结流调溯源 Close the tracing",
    description="只登记密接、次密接、一般接触和场所的数量;结束 24 小时计时。\n\n"
    "In counts alone: close, secondary and general contacts, and places. Ends the clock of tracing.",
    **documents(Tracing, example=TRACING),
)
async def close_tracing(
    event_id: UUID,
    who: Recorder,
    wanted: Annotated[Tracing, body(Tracing)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Close the clock of tracing."""
    await service.trace(session, context, wanted, event_id=event_id, who=who, now=now)
    await record(session, context, who=who, action="event.trace", now=now, subject=str(event_id))
    return await reading.one(session, context, who, event_id=event_id)


@router.post(
    "/events/{event_id}/end-request",
    summary="申请终结响应 Ask that the response ends",
    description="写明达到的标准和专家意见,由另一账号批准。\n\n"
    "With the criteria that are met and what the experts say; somebody else decides.",
    **documents(EventEndRequest, example=END),
)
async def request_end(
    event_id: UUID,
    who: Recorder,
    wanted: Annotated[EventEndRequest, body(EventEndRequest)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Ask for the end."""
    await service.ask_end(session, context, wanted, event_id=event_id, who=who, now=now)
    await record(session, context, who=who, action="event.ask_end", now=now, subject=str(event_id))
    return await reading.one(session, context, who, event_id=event_id)


@router.post(
    "/events/{event_id}/end-decision",
    summary="批准或退回终结 Decide on the end",
    description="须由申请人之外的账号决定;批准后计时停止、不再催办。\n\n"
    "By somebody else than who asked. An approval stops the clocks and the reminders.",
    **documents(EventEndDecision, example={"decision": "approve", "by": "指挥长"}),
)
async def decide_end(
    event_id: UUID,
    who: Decider,
    wanted: Annotated[EventEndDecision, body(EventEndDecision)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Decide on the end."""
    await service.decide_end(session, context, wanted, event_id=event_id, who=who, now=now)
    await record(session, context, who=who, action="event.decide_end", now=now, subject=str(event_id))
    return await reading.one(session, context, who, event_id=event_id)


@router.post(
    "/event-limits",
    status_code=201,
    responses=known(),
    summary="新增时限版本 Add a limit",
    description="网络直报(默认 2 小时)或流调溯源(默认 24 小时)自某日起的时限、预警和起算点"
    "(登记疑似时或疑似时);已起算的不变。\n\n"
    "The limit of the national report or of tracing from a day on, its warning, and whether it counts from "
    "the record or from the suspicion. Clocks that run keep theirs.",
    **documents(EventLimitIn, example=LIMIT),
)
async def add_limit(
    who: Admin,
    wanted: Annotated[EventLimitIn, body(EventLimitIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a limit."""
    require_whole_district(who)
    stored, new = await limits.add(session, wanted, client_id=who.client_id, now=now)
    await record(session, context, who=who, action="event_limit.add", now=now, subject=wanted.clock)
    response.status_code = 201 if new else 200
    return stored


@router.get(
    "/event-limits",
    summary="时限及其沿革 Limits and their history",
    description="`in_force` 为当前生效的版本。\n\n`in_force`: the version that holds today.",
    **answers({"limits": [LIMIT_SHOWN], "next_cursor": None}),
)
async def list_limits(
    who: Reader,  # noqa: ARG001 - any of them may read
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List limits."""
    return await limits.page(session, now=now, cursor=cursor, limit=limit)
