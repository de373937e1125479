"""HTTP surface of sampling teams."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from registry.people.schemas import BulkVerdict
from registry.teams import service
from registry.teams.schemas import CallIn, Defect, TeamDetail, TeamList, TeamsIn
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of
from shared.web.problems import worded

router = APIRouter(prefix="/v1/teams", tags=["采样队伍 Sampling teams"])

EXAMPLE = {
    "teams": [
        {
            "team_code": "TEAM-001",
            "name": "海棠社区第一采样队",
            "township_code": "TOWN-01",
            "leader": {"name": "李明", "phone": "13800138000"},
            "members": [{"name": "王芳", "phone": "13900139000", "certificate_until": "2027-12-31"}],
        }
    ]
}


@router.post(
    "",
    response_model=BulkVerdict,
    summary="批量登记采样队伍 Put sampling teams",
    description="最多 1,000 支,逐行判定;同一代码整体替换(含成员)。姓名、电话加密保存,查询时脱敏。\n\n"
    "At most 1,000 teams, judged one by one; the same code is replaced as a whole, members included. Names "
    "and phones are kept sealed and shown masked (requirements row 85).",
    **documents(TeamsIn, example=EXAMPLE),
)
async def put_teams(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[TeamsIn, body(TeamsIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Add teams or replace them."""
    verdict = await service.put(session, context, wanted.teams, who=who, now=now)
    return worded(verdict, request)


@router.get(
    "",
    response_model=TeamList,
    summary="采样队伍列表 List sampling teams",
    description="只含本辖区;`defect` 筛选缺陷:无成员、未分配网格、成员重复(同一电话在两支队伍)、"
    "未电话核实、电话不通、证书过期。停用的队伍不计缺陷。\n\n"
    "Inside the caller's area; `defect`: no members, no grid, a member in two teams (by phone), not called "
    "lately, not reached, a certificate that has expired. Teams that are not active have none.",
)
async def list_teams(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    township_code: CodeQuery = None,
    defect: Annotated[Defect | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List teams."""
    rows = await service.page(
        session,
        context,
        who=who,
        now=now,
        after=code_after(cursor, "code"),
        limit=limit + 1,
        township_code=township_code,
        defect=defect,
    )
    return page_of("teams", rows, limit=limit, position=lambda row: {"code": row["team_code"]})


@router.get(
    "/{team_code}",
    response_model=TeamDetail,
    summary="查询采样队伍 Get a sampling team",
    description="含成员,已脱敏;查询留痕。\n\nWith its members, masked; the look is recorded.",
)
async def get_team(
    team_code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return one team."""
    return await service.get(session, context, team_code=team_code, who=who, now=now)


@router.post(
    "/{team_code}/calls",
    response_model=TeamDetail,
    summary="记录电话核实 Record a call",
    description="记录一次电话核实的结果;`TEAM_CALL_DAYS` 天内没有核实的队伍列为缺陷。\n\n"
    "Keeps what came of a call; a team without one for `TEAM_CALL_DAYS` days is listed with a defect.",
    **documents(CallIn, example={"result": "reached"}),
)
async def add_call(
    team_code: CodePath,
    who: Annotated[Principal, needs("admin", "cases:respond")],
    wanted: Annotated[CallIn, body(CallIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Record a call."""
    return await service.note_call(
        session, context, team_code=team_code, result=wanted.result, who=who, now=now
    )
