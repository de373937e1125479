"""HTTP surface of divisions and grids."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from registry.divisions import service
from registry.divisions.schemas import (
    DIVISION_PATTERN,
    DivisionList,
    DivisionOut,
    DivisionsIn,
    Level,
    Missing,
)
from registry.people.schemas import BulkVerdict
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of
from shared.web.problems import worded

router = APIRouter(prefix="/v1/divisions", tags=["区划与网格 Divisions and grids"])

DivisionPath = Annotated[str, Path(pattern=DIVISION_PATTERN, description="区划代码 Division code")]
DivisionQuery = Annotated[
    str | None, Query(pattern=DIVISION_PATTERN, description="所在区划 Inside this division")
]
EXAMPLE = {
    "divisions": [
        {"division_code": "420100", "name": "示例区"},
        {"division_code": "420100001", "name": "城关镇", "township_code": "TOWN-01"},
        {"division_code": "420100001001", "name": "海棠社区"},
        {"division_code": "420100001001001", "name": "第一网格",
         "head_count": 640, "counted_on": "2026-11-01",
         "lab_code": "LAB01", "team_code": "TEAM-001"},
    ]
}  # fmt: skip


@router.post(
    "",
    response_model=BulkVerdict,
    summary="批量登记区划与网格 Put divisions and grids",
    description="代码即层级:区县 6 位、镇街 9 位、社区 12 位、网格 15 位,上级为去掉末 3 位。"
    "最多 2,000 行,逐行判定;未给出的字段保留,null 清空。底数、检测机构、采样队伍只属于网格。\n\n"
    "The code is the level: district 6 digits, township 9, community 12, grid 15, the parent without the "
    "last three. At most 2,000 rows, judged one by one; a field that is not sent stays, null clears. Head "
    "count, laboratory and sampling team belong to grids alone (requirements row 51).",
    **documents(DivisionsIn, example=EXAMPLE),
)
async def put_divisions(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[DivisionsIn, body(DivisionsIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Add divisions or bring them up to date."""
    verdict = await service.put(session, context, wanted.divisions, who=who, now=now)
    return worded(verdict, request)


@router.get(
    "",
    response_model=DivisionList,
    summary="区划与网格列表 List divisions and grids",
    description="按代码排序,只含本辖区;`missing` 列出缺底数、检测机构或采样队伍的网格。\n\n"
    "By code, inside the caller's area; `missing` lists grids that lack a head count, laboratory or team.",
)
async def list_divisions(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    level: Annotated[Level | None, Query()] = None,
    within: DivisionQuery = None,
    missing: Annotated[Missing | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List divisions."""
    rows = await service.page(
        session,
        who=who,
        after=code_after(cursor, "code"),
        limit=limit + 1,
        level=level,
        within=within,
        missing=missing,
    )
    return page_of("divisions", rows, limit=limit, position=lambda row: {"code": row["division_code"]})


@router.get(
    "/{division_code}",
    response_model=DivisionOut,
    summary="查询区划或网格 Get a division or grid",
    description="本辖区之外返回 404。\n\n404 outside the caller's area.",
)
async def get_division(
    division_code: DivisionPath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
) -> dict[str, Any]:
    """Return one division."""
    return await service.get(session, division_code=division_code, who=who)
