"""HTTP surface of inspectors and draws."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response, status

from notifier.inspection_draws import queries, service
from notifier.inspection_draws.schemas import (
    InspectionDrawIn,
    InspectionDrawOut,
    InspectorIn,
    InspectorOut,
    InspectorPage,
    PublishedPage,
)
from shared.audit.recording import record
from shared.db import fetch_all
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, code_after, page_of, uuid_after

router = APIRouter(prefix="/v1", tags=["检查与整改 Inspections"])
Admin = Annotated[Principal, needs("admin")]
CodeInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="编号 Code")]
INSPECTOR: Final = {"name": "李明", "department_code": "DEPT-01", "related": ["91350100M000100Y43"]}
DRAW: Final = {
    "draw_no": "2030-01",
    "kind": "unannounced",
    "target_type": "unit",
    "industry_prefix": "62",
    "targets": 5,
    "inspectors_each": 2,
    "seed": "2030-W01",
}


@router.put(
    "/inspectors/{inspector_code}",
    response_model=InspectorOut,
    summary="登记检查人员 Enter an inspector",
    description="所在单位、部门和申报的利害关系用于回避;姓名、电话加密保存。\n\n"
    "Unit, department and declared interests decide from what somebody is kept; name and phone lie sealed.",
    **documents(InspectorIn, example=INSPECTOR),
)
async def set_inspector(
    inspector_code: CodeInPath,
    who: Admin,
    wanted: Annotated[InspectorIn, body(InspectorIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Enter or change an inspector."""
    await record(session, context, who=who, action="inspector.set", subject=inspector_code, now=now)
    return await service.set_inspector(session, context, wanted, code=inspector_code, who=who, now=now)


@router.get(
    "/inspectors",
    response_model=InspectorPage,
    summary="检查人员名录 List inspectors",
    description="姓名已脱敏。\n\nNames are masked.",
)
async def list_inspectors(
    who: Admin,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List inspectors."""
    require_whole_district(who)
    after = code_after(cursor, "after")
    rows = await fetch_all(session, queries.INSPECTORS, after=after, limit=limit + 1)
    await record(session, context, who=who, action="inspectors.list", now=now, rows=len(rows))
    shown = [service.shown_inspector(context, row) for row in rows]
    return page_of("inspectors", shown, limit=limit, position=lambda row: {"after": row["inspector_code"]})


@router.post(
    "/inspection-draws",
    status_code=status.HTTP_201_CREATED,
    response_model=InspectionDrawOut,
    responses=known(InspectionDrawOut),
    summary="双随机抽取 Draw targets and inspectors",
    description="从检查对象名录和检查人员名录随机抽取,利害关系人回避;种子、名录和结果一并留存,可重现。\n\n"
    "Both targets and inspectors by lot, without whoever must stand back. Seed, lists and result are kept; "
    "the same seed and lists give the same draw.",
    **documents(InspectionDrawIn, example=DRAW),
)
async def make_inspection_draw(
    who: Admin,
    wanted: Annotated[InspectionDrawIn, body(InspectionDrawIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Draw targets and inspectors."""
    await record(session, context, who=who, action="inspection-draw.make", subject=wanted.draw_no, now=now)
    made, new = await service.draw(session, context, wanted, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return made


@router.get(
    "/inspection-draws/{draw_no}",
    response_model=InspectionDrawOut,
    summary="核对抽取结果 Check a draw",
    description="用留存的种子和名录重新抽取核对(repeated),并列出各对象的检查日期。\n\n"
    "It is drawn again from what was kept (`repeated`), with the day of each target's inspection.",
)
async def get_inspection_draw(
    draw_no: CodeInPath, who: Admin, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return a draw."""
    await record(session, context, who=who, action="inspection-draw.read", subject=draw_no, now=now)
    return await service.get(session, context, draw_no=draw_no, who=who)


@router.post(
    "/inspection-draws/{draw_no}/publication",
    response_model=InspectionDrawOut,
    summary="公示抽查结果 Publish a draw's result",
    description="抽中对象全部检查之后方可公示;公示内容不含任何人员姓名。\n\n"
    "Once every drawn target was inspected; what is public names nobody.",
)
async def publish_inspection_draw(
    draw_no: CodeInPath, who: Admin, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Make a result public."""
    await record(session, context, who=who, action="inspection-draw.publish", subject=draw_no, now=now)
    return await service.publish(session, context, draw_no=draw_no, who=who, now=now)


@router.get(
    "/published-inspections",
    response_model=PublishedPage,
    summary="抽查结果公示 List published results",
    description="“双随机、一公开”:对象、日期、问题数和整改数,不含人员姓名;新的在前,辖区账号只见本辖区。\n\n"
    "Target, day, problems and how many are closed, nobody's name; newest first, inside the caller's area.",
)
async def list_published_inspections(
    who: Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List what was made public."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await service.published(session, who=who, before=before, limit=limit + 1)
    return page_of(
        "inspections", rows, limit=limit, position=lambda row: {"before": str(row["inspection_id"])}
    )
