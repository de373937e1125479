"""HTTP surface of departments."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from registry.departments import service
from registry.departments.schemas import (
    DepartmentIn,
    DepartmentList,
    DepartmentOut,
    DepartmentPatch,
    Level,
    Role,
)
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of

router = APIRouter(prefix="/v1/departments", tags=["部门 Departments"])

EXAMPLE = {
    "code": "TOWN-01",
    "name": "城关镇",
    "level": "township",
    "contact": {"name": "李明", "phone": "13800138000"},
}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=DepartmentOut,
    responses=known(DepartmentOut),
    summary="登记部门 Add a department",
    description="登记区县、行业主管部门或镇街;同一代码同样内容返回 200,内容不同返回 409。\n\n"
    "Adds a district, sector department or township; the same code with the same content answers 200, "
    "with other content 409.",
    **documents(DepartmentIn, example=EXAMPLE),
)
async def add_department(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[DepartmentIn, body(DepartmentIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a department."""
    department, new = await service.add(session, context, wanted, who=who, now=now)
    await record(session, context, who=who, action="department.add", now=now, subject=department["code"])
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return department


@router.get(
    "",
    response_model=DepartmentList,
    summary="部门列表 List departments",
    description="按代码排序,联系人已脱敏;只列出本辖区内的部门。\n\n"
    "By code, contacts masked, inside the caller's area.",
)
async def list_departments(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    level: Annotated[Level | None, Query()] = None,
    role: Annotated[Role | None, Query()] = None,
    parent_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List departments."""
    after = code_after(cursor, "code")
    rows = await service.page(
        session,
        context,
        who=who,
        after=after,
        limit=limit + 1,
        level=level,
        role=role,
        parent_code=parent_code,
    )
    return page_of("departments", rows, limit=limit, position=lambda row: {"code": row["code"]})


@router.get(
    "/{code}",
    response_model=DepartmentOut,
    summary="查询部门 Get a department",
    description="联系人已脱敏。\n\nContact masked.",
)
async def get_department(
    code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
) -> dict[str, Any]:
    """Return one department."""
    return await service.get(session, context, code=code, who=who)


@router.patch(
    "/{code}",
    response_model=DepartmentOut,
    summary="修改部门 Change a department",
    description="可改名称、角色、上级和联系人;级别不可改。\n\n"
    "Name, role, parent and contact may change; the level may not.",
    **documents(DepartmentPatch, example={"contact": {"name": "王芳", "phone": "13900139000"}}),
)
async def change_department(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[DepartmentPatch, body(DepartmentPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Change a department."""
    await record(session, context, who=who, action="department.change", now=now, subject=code)
    return await service.change(session, context, patch, code=code, who=who, now=now)
