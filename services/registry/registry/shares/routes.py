"""HTTP surface of shares."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from registry.lists import DayQuery
from registry.shares import service
from registry.shares.schemas import PeriodKind, ShareList, SharePeople
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, encode_cursor
from shared.web.periods import day_in

router = APIRouter(prefix="/v1/shares", tags=["抽检率 Shares"])
unit_router = APIRouter(prefix="/v1/units/{unit_code}/shares", tags=["抽检率 Shares"])

Department = Annotated[str | None, Query(max_length=200, description="科室 Department in the unit")]
PeriodQuery = Annotated[PeriodKind, Query(description="周期 Period: 周 week、月 month、日 day")]


async def _wanted(
    now: NowDep,
    period: PeriodQuery = "week",
    on: DayQuery = None,
    unit_code: CodeQuery = None,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
) -> service.Wanted:
    return service.Wanted(period, day_in("on", on) or day_of(now), unit_code, township_code, department_code)


async def _of_unit(
    unit_code: CodePath, now: NowDep, period: PeriodQuery = "week", on: DayQuery = None
) -> service.Wanted:
    return service.Wanted(period, day_in("on", on) or day_of(now), unit_code)


Reader = Annotated[Principal, needs("records:read", "cases:respond")]


@router.get(
    "",
    response_model=ShareList,
    summary="抽检率 Shares of a period",
    description="每单位每科室在周期内的检测人数、应检人数与要求;抽检率与全覆盖(如每月一次)分别核对。"
    "整个周期休假或豁免的人员不计。\n\n"
    "Numerator, denominator and demand of each department of each unit; the share and full cover over the "
    "longer period are checks of their own. Whoever is on leave through the whole period is in neither.",
)
async def list_shares(
    who: Reader,
    wanted: Annotated[service.Wanted, Depends(_wanted)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the fractions of a period, unit by unit; those of whole categories stand on the first page."""
    after = code_after(cursor, "unit_code")
    first = [] if cursor else await service.whole(session, context, who=who, wanted=wanted, now=now)
    rows, last = await service.report(
        session, context, who=who, wanted=wanted, after=after, limit=limit, now=now
    )
    return {"shares": first + rows, "next_cursor": last and encode_cursor({"unit_code": last})}


@unit_router.get(
    "/{category_code}/people",
    response_model=SharePeople,
    summary="抽检率明细 The people behind a share",
    description="某单位某科室的名单,未检测的在前,姓名已脱敏;查询留痕。\n\n"
    "The list behind a fraction, the untested first, names masked; the look is recorded.",
)
async def list_people_behind_a_share(
    who: Reader,
    unit_code: CodePath,
    category_code: CodePath,
    wanted: Annotated[service.Wanted, Depends(_of_unit)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    department_in_unit: Department = None,
) -> dict[str, Any]:
    """List the people behind a fraction."""
    people = await service.behind(
        session,
        context,
        who=who,
        wanted=wanted,
        unit_code=unit_code,
        category_code=category_code,
        department_in_unit=department_in_unit,
        now=now,
    )
    return {"people": people}
