"""HTTP surface of breaches."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from registry.breaches import reading
from registry.breaches.schemas import BreachList, BreachPeople
from registry.figures.rules import monday_of
from registry.lists import DayQuery
from shared.security.access import Principal, needs
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, day_before, number_after, page_of
from shared.web.periods import day_in

router = APIRouter(prefix="/v1/breaches", tags=["每周判定 Breaches"])


Week = Annotated[DayQuery, Query(description="该日所在周 The week of this day")]


async def _wanted(
    week: Week = None,
    unit_code: CodeQuery = None,
    department_code: CodeQuery = None,
    township_code: CodeQuery = None,
) -> reading.Filter:
    day = day_in("week", week)
    return reading.Filter(day and monday_of(day), unit_code, department_code, township_code)


Wanted = Annotated[reading.Filter, Depends(_wanted)]


@router.get(
    "",
    response_model=BreachList,
    summary="每周违规单位 List breaches",
    description="每周日终了时存在问题的单位:有人逾期(frequency);有人从未检测、在岗而未纳入、抽检率不足(coverage)。"
    "每单位每周只判定一次,是通报的依据;`week` 可为周内任一天;新的在前,只含本辖区。\n\n"
    "Units in breach at the end of a Sunday: somebody overdue (frequency); never tested, at work and not "
    "enrolled, or short of a share (coverage). Judged once for a unit and week, the basis of its bulletin. "
    "`week` may be any day of it; the newest first, inside the area.",
)
async def list_breaches(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List breaches."""
    after = reading.Place(day_before(cursor, "week"), code_after(cursor, "unit_code"))
    rows = await reading.page(session, who=who, wanted=wanted, after=after, limit=limit + 1)
    return page_of(
        "breaches",
        rows,
        limit=limit,
        position=lambda row: {"week": row["week"].isoformat(), "unit_code": row["unit_code"]},
    )


@router.get(
    "/{breach_id}",
    response_model=BreachPeople,
    summary="违规详情 Get a breach",
    description="判定时的种类、不足的抽检率和涉及人员(姓名已脱敏),时间最长的在前。查询留痕。\n\n"
    "Kinds and missed shares as judged, and the people, masked, whoever has been wanting longest first. "
    "The look is recorded.",
)
async def get_breach(
    breach_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return a breach with a page of its people."""
    breach = await reading.visible(session, breach_id=breach_id, who=who)
    rows = await reading.people(
        session,
        context,
        breach_id=breach_id,
        who=who,
        after=number_after(cursor, "number"),
        limit=limit + 1,
        now=now,
    )
    page = page_of("people", rows, limit=limit, position=lambda row: {"number": row["number"]})
    return {"breach": breach, **page}
