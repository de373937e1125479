"""HTTP surface of duty rosters."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from notifier.rosters import service
from notifier.rosters.schemas import GAP, ROSTER, ROSTER_SHOWN, SHIFT, SHIFT_SHOWN, DutyRosterIn, ShiftsIn
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodePart
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of
from shared.web.periods import DayFrom, DayTo, day_in

router = APIRouter(prefix="/v1", tags=["值班值守 Duty rosters"])
AHEAD: Final = timedelta(days=7)
Admin = Annotated[Principal, needs("admin")]
Keeper = Annotated[Principal, needs("cases:respond")]
Reader = Annotated[Principal, needs("cases:respond", "records:read", "reviews:write")]
DaysAhead = Annotated[int, Query(ge=1, le=62, description="自今日起多少天 Days from today on")]


@router.put(
    "/rosters/{department_code}",
    status_code=204,
    summary="设定 24 小时值守 Put a body on duty around the clock",
    description="自 `from` 起该部门、镇街须有人值班、有领导带班;空班会列出并提前一天告知指挥部。\n\n"
    "From a day on the body owes an unbroken roster with leaders; gaps are listed, and headquarters is told "
    "a day ahead.",
    **documents(DutyRosterIn, example=ROSTER),
)
async def keep_roster(
    department_code: CodePart,
    who: Admin,
    wanted: Annotated[DutyRosterIn, body(DutyRosterIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> Response:
    """Keep a roster."""
    require_whole_district(who)
    await service.keep(session, wanted, department_code=department_code, client_id=who.client_id, now=now)
    await record(session, context, who=who, action="roster.keep", now=now, subject=department_code)
    return Response(status_code=204)


@router.get(
    "/rosters",
    summary="此刻谁在值班 Who is on duty now",
    description="`on_duty` 为当前班次,姓名电话已脱敏;空班为 null。只列本辖区。\n\n"
    "`on_duty`: the shift of this moment, masked; null where nobody is. Inside the caller's area.",
    **answers({"rosters": [ROSTER_SHOWN], "next_cursor": None}),
)
async def list_rosters(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List rosters."""
    after = code_after(cursor, "code")
    rows = await service.rosters(session, context, who, after=after, limit=limit + 1, now=now)
    await record(session, context, who=who, action="rosters.list", now=now, rows=len(rows))
    return page_of("rosters", rows, limit=limit, position=lambda row: {"code": row["department_code"]})


@router.post(
    "/rosters/{department_code}/shifts",
    status_code=201,
    summary="排班 Add shifts",
    description="值班员和带班领导;同一单位的班次不得重叠,整批判定。该单位的加急通知发给当班值班员,"
    "升级后发给带班领导;空班时发给单位联系人。\n\n"
    "All or none; shifts of a body do not overlap. Its urgent notices go to whoever is on call then, "
    "after an escalation to the leader; where nobody is, to the body's own contact.",
    **documents(ShiftsIn, example={"shifts": [SHIFT]}),
)
async def add_shifts(
    department_code: CodePart,
    who: Keeper,
    wanted: Annotated[ShiftsIn, body(ShiftsIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Add shifts."""
    found = await service.add_shifts(
        session, context, wanted, department_code=department_code, who=who, now=now
    )
    rows = len(wanted.shifts)
    await record(
        session, context, who=who, action="roster.shifts", now=now, subject=department_code, rows=rows
    )
    return {"shifts": found}


@router.get(
    "/rosters/{department_code}/shifts",
    summary="班次列表 List shifts",
    description="默认自今日起七天,含已撤销的;姓名电话已脱敏。\n\n"
    "By default of the next seven days, withdrawn ones too; masked.",
    **answers({"shifts": [SHIFT_SHOWN], "next_cursor": None}),
)
async def list_shifts(
    department_code: CodePart,
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    first: DayFrom = None,
    last: DayTo = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List shifts."""
    begin = day_in("from", first) or day_of(now)
    days = (begin, day_in("to", last) or begin + AHEAD)
    await record(session, context, who=who, action="roster.read", now=now, subject=department_code)
    return await service.shifts(
        session, context, who, department_code=department_code, days=days, cursor=cursor, limit=limit
    )


@router.post(
    "/roster-shifts/{shift_id}/withdrawal",
    summary="撤销班次 Withdraw a shift",
    description="撤销后可另行排班;重复撤销结果不变。\n\n"
    "Another may be entered in its place; again changes nothing.",
)
async def withdraw_shift(
    shift_id: UUID, who: Keeper, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """Withdraw a shift."""
    await record(session, context, who=who, action="roster.withdraw", now=now, subject=str(shift_id))
    return await service.withdraw(session, context, shift_id=shift_id, who=who, now=now)


@router.get(
    "/roster-gaps",
    summary="空班 Where nobody is on duty",
    description="自此刻起若干天内没有排班的时段。\n\nOf the coming days, the times without a shift.",
    **answers({"gaps": [GAP]}),
)
async def list_gaps(who: Reader, session: SessionDep, now: NowDep, days: DaysAhead = 7) -> dict[str, Any]:
    """List gaps."""
    end = now + timedelta(days=days)
    found = await service.gaps(session, area=service.area_of(who), begin=now, end=end)
    return {"gaps": [{name: each[name] for name in GAP} for each in found]}
