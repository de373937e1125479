"""HTTP surface of hospital departments."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from registry.hospital_departments import service
from registry.hospital_departments.schemas import (
    DefectKind,
    DepartmentDefects,
    HospitalDepartmentIn,
    HospitalDepartmentList,
    HospitalDepartmentOut,
    HospitalDepartmentPatch,
)
from registry.lists import NumberPath
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, number_after, page_of, uuid_after

router = APIRouter(prefix="/v1", tags=["科室 Hospital departments"])

ENTRY = {
    "name": "导管室",
    "category_code": "8A4",
    "basis": "县指挥部通知",
    "effective_from": "2026-12-01",
}


@router.get(
    "/hospital-departments",
    response_model=HospitalDepartmentList,
    summary="科室编码表 List hospital departments",
    description="医疗机构科室对应的人群编码,按日期生效;出厂为方案所列 10 个重点科室及其别名。"
    "登记人员时没有给出编码的,由科室得出。\n\n"
    "Which population code a department of a hospital stands for, by effective dates; shipped with the ten "
    "that the plan names. Whoever is entered without a code gets it from the department.",
)
async def list_hospital_departments(
    _: Annotated[Principal, needs("records:read")],
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the rows."""
    rows = await service.page(
        session, after=number_after(cursor, "entry_id"), limit=limit + 1, today=day_of(now)
    )
    return page_of(
        "hospital_departments", rows, limit=limit, position=lambda row: {"entry_id": row["entry_id"]}
    )


@router.post(
    "/hospital-departments",
    status_code=status.HTTP_201_CREATED,
    response_model=HospitalDepartmentOut,
    responses=known(HospitalDepartmentOut),
    summary="登记科室编码 Add a hospital department",
    description="同名的以最新生效的为准;已由科室得出编码的人员随之改变,以前的保留在沿革中。\n\n"
    "Of one name the newest that has begun decides; stays whose code came from the list follow within "
    "minutes of that day, and what they were is kept.",
    **documents(HospitalDepartmentIn, example=ENTRY),
)
async def add_hospital_department(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[HospitalDepartmentIn, body(HospitalDepartmentIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a row."""
    require_whole_district(who)
    row, new = await service.add(session, wanted, who=who, today=day_of(now), now=now)
    await record(
        session, context, who=who, action="hospital-department.add", now=now, subject=str(row["entry_id"])
    )
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return row


@router.patch(
    "/hospital-departments/{entry_id}",
    response_model=HospitalDepartmentOut,
    summary="结束科室编码 End a row",
    description="给出最后一天(含);此后该名称列为缺陷,已得出的编码不取消。\n\n"
    "Gives its last day, included. From then on the name is a listed defect; no duty is taken away for it.",
    **documents(HospitalDepartmentPatch, example={"effective_to": "2026-12-31"}),
)
async def end_hospital_department(
    entry_id: NumberPath,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[HospitalDepartmentPatch, body(HospitalDepartmentPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """End a row."""
    require_whole_district(who)
    await record(session, context, who=who, action="hospital-department.end", now=now, subject=str(entry_id))
    return await service.end(session, entry_id=entry_id, effective_to=patch.effective_to, today=day_of(now))


@router.get(
    "/hospital-department-defects",
    response_model=DepartmentDefects,
    summary="科室编码的缺陷 What departments leave open",
    description="医疗机构在册人员中:科室不在编码表内、科室和编码都没有、给出的编码与科室不符(以给出的为准)。"
    "只列出,不猜测;姓名已脱敏,查询留痕。\n\n"
    "People of hospitals whose department the list does not know, who have neither department nor code, or "
    "whose given code, which wins, is not their department's. Shown, never guessed; masked; recorded.",
)
async def list_department_defects(
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    unit_code: CodeQuery = None,
    kind: Annotated[DefectKind | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the defects."""
    counts, rows = await service.defects(
        session,
        context,
        who=who,
        unit_code=unit_code,
        kind=kind,
        after=uuid_after(cursor, "enrolment_id"),
        limit=limit + 1,
        now=now,
    )
    page = page_of("defects", rows, limit=limit, position=lambda r: {"enrolment_id": str(r["enrolment_id"])})
    return {"counts": counts, **page}
