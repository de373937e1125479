"""HTTP surface of events."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from registry.events import reading, service
from registry.events.schemas import (
    CancellationIn,
    EventIn,
    EventList,
    EventOut,
    EventPatch,
    EventState,
    PersonEvents,
    ReleaseIn,
)
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/events", tags=["事件 Events"])
person_router = APIRouter(prefix="/v1/people/{person_id}/events", tags=["事件 Events"])

QUARANTINE = {"kind": "quarantine", "at": "2022-06-01T09:00:00+08:00", "variant": "high"}
RELEASE = {"responsible": {"name": "李明", "phone": "13800138000", "grid": "城东社区第三网格"}}
KindQuery = Annotated[str | None, Query(pattern="^[a-z][a-z0-9_]{0,39}$", description="事件种类 Kind")]
StateQuery = Annotated[EventState | None, Query(description="状态 State")]


@person_router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=EventOut,
    responses=known(EventOut),
    summary="登记事件 Register an event",
    description="就诊、入院、抵达、隔离、返程等事件,按当天有效的规则生成检测任务;可提前登记。"
    "同一内容再次登记返回 200。\n\n"
    "A visit, admission, arrival, quarantine, return from travel: the rules of its day say which samples "
    "are then owed. It may be told before it happens; the same again answers 200.",
    **documents(EventIn, example=QUARANTINE),
)
async def register_event(
    person_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[EventIn, body(EventIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Register an event."""
    event, new = await service.add(session, context, wanted, person_id=person_id, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return event


@person_router.get(
    "",
    response_model=PersonEvents,
    summary="某人的事件 List a person's events",
    description="每个事件的检测安排及完成情况,新的在前;查询留痕。\n\n"
    "Each event with its schedule and how it stands, newest first; the look is recorded.",
)
async def list_events_of_person(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """List a person's events."""
    return {"events": await reading.of_person(session, context, person_id=person_id, who=who, now=now)}


@router.get(
    "",
    response_model=EventList,
    summary="事件列表 List events",
    description="可按状态(待检 open、漏检 missed、完成 finished、取消 cancelled)、种类、单位筛选。\n\n"
    "By state, kind and unit, inside the area; `missed`: a day has passed without its sample.",
)
async def list_events(
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    state: StateQuery = None,
    kind: KindQuery = None,
    unit_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List events."""
    rows = await reading.page(
        session,
        context,
        who=who,
        after=uuid_after(cursor, "event_id"),
        limit=limit + 1,
        state=state,
        kind=kind,
        unit_code=unit_code,
        now=now,
    )
    return page_of("events", rows, limit=limit, position=lambda row: {"event_id": str(row["event_id"])})


@router.patch(
    "/{event_id}",
    response_model=EventOut,
    summary="更正事件时间 Correct an event's time",
    description="提前登记的事件实际发生后更正时间,检测安排随之改变。\n\n"
    "When what was announced has really happened; its schedule follows.",
    **documents(EventPatch, example={"at": "2022-06-01T21:30:00+08:00"}),
)
async def correct_event(
    event_id: UUID,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[EventPatch, body(EventPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Correct when an event happened."""
    return await service.move(session, context, event_id=event_id, at=patch.at, who=who, now=now)


@router.post(
    "/{event_id}/release",
    response_model=EventOut,
    summary="解除隔离 Release from isolation",
    description="隔离期满且全部检测为阴性方可解除,并须写明接管的网格责任人;否则 409 列出原因。\n\n"
    "Only after the days of isolation, with every test negative, and into the hands of a named person; "
    "409 lists what is in the way.",
    **documents(ReleaseIn, example=RELEASE),
)
async def release(
    event_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[ReleaseIn, body(ReleaseIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Release somebody from isolation."""
    return await service.release(session, context, wanted, event_id=event_id, who=who, now=now)


@router.post(
    "/{event_id}/cancellation",
    response_model=EventOut,
    summary="取消事件 Cancel an event",
    description="登记有误或事件未发生;自今日起不再要求检测,记录保留。\n\n"
    "Entered in error, or it never happened: from today on it asks for nothing; the record stays.",
    **documents(CancellationIn, example={"reason": "未到达"}),
)
async def cancel_event(
    event_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[CancellationIn, body(CancellationIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Cancel an event."""
    return await service.cancel(session, context, event_id=event_id, reason=wanted.reason, who=who, now=now)
