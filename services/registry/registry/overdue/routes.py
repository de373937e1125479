"""HTTP surface of the overdue lists."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from registry.overdue import service
from registry.overdue.schemas import OverdueList, OverdueUnits
from shared.security.access import Principal, needs
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after

router = APIRouter(prefix="/v1/overdue", tags=["逾期 Overdue"])


async def _wanted(
    unit_code: CodeQuery = None, department_code: CodeQuery = None, township_code: CodeQuery = None
) -> service.Filter:
    return service.Filter(unit_code, township_code, department_code)


Reader = Annotated[Principal, needs("records:read", "cases:respond")]
Wanted = Annotated[service.Filter, Depends(_wanted)]


@router.get(
    "",
    response_model=OverdueList,
    summary="应检未检人员 List overdue people",
    description="逾期和从未检测的人员,姓名已脱敏;可按单位、主管部门、镇街筛选,只含本辖区。\n\n"
    "People overdue or never tested, names masked; by unit, department or township, inside the area.",
)
async def list_overdue_people(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List overdue people."""
    rows = await service.people(
        session,
        context,
        who=who,
        wanted=wanted,
        after=(uuid_after(cursor, "person_id"), code_after(cursor, "unit_code")),
        limit=limit + 1,
        now=now,
    )
    return page_of(
        "people",
        rows,
        limit=limit,
        position=lambda row: {"person_id": str(row["person_id"]), "unit_code": row["unit_code"] or ""},
    )


@router.get(
    "/units",
    response_model=OverdueUnits,
    summary="有人员逾期的单位 List units with overdue people",
    description="每个单位的应检人数、逾期人数和从未检测人数。\n\n"
    "Each unit's people with a duty, overdue and never tested.",
)
async def list_overdue_units(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List units with overdue people."""
    rows = await service.units(
        session,
        context,
        who=who,
        wanted=wanted,
        after=code_after(cursor, "unit_code"),
        limit=limit + 1,
        now=now,
    )
    return page_of("units", rows, limit=limit, position=lambda row: {"unit_code": row["unit_code"]})
