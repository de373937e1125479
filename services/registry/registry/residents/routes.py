"""HTTP surface of residents of grids."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from registry.divisions.routes import DivisionPath
from registry.people.schemas import BulkVerdict
from registry.residents import service
from registry.residents.schemas import ResidentList, ResidentsIn
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after
from shared.web.problems import worded

router = APIRouter(prefix="/v1", tags=["区划与网格 Divisions and grids"])

EXAMPLE = {
    "residents": [
        {"health_code_id": "HC-000001", "grid_code": "420100001001001"},
        {"id_type": "resident_id", "id_no": "11010519491231002X", "grid_code": "420100001001001"},
    ]
}


@router.post(
    "/residents",
    response_model=BulkVerdict,
    summary="批量登记网格居民 Put residents of grids",
    description="最多 5,000 行,逐行判定;人员须已登记。换网格保留历史,`grid_code` 为 null 表示迁出。\n\n"
    "At most 5,000 rows, judged one by one, about people who are registered. A move keeps the history; "
    "a null `grid_code` ends the residence (requirements row 51).",
    **documents(ResidentsIn, example=EXAMPLE),
)
async def put_residents(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[ResidentsIn, body(ResidentsIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Place people in grids."""
    verdict = await service.put(session, context, wanted.residents, who=who, now=now)
    return worded(verdict, request)


@router.get(
    "/divisions/{division_code}/residents",
    response_model=ResidentList,
    summary="网格居民列表 List a grid's residents",
    description="姓名已脱敏;查询留痕。\n\nNames masked; the look is recorded.",
)
async def list_residents(
    division_code: DivisionPath,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List a grid's residents."""
    rows = await service.page(
        session,
        context,
        grid_code=division_code,
        who=who,
        now=now,
        after=uuid_after(cursor, "person_id"),
        limit=limit + 1,
    )
    return page_of("residents", rows, limit=limit, position=lambda row: {"person_id": row["person_id"]})
