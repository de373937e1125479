"""HTTP surface of responsibility."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, status

from registry.responsibility import service
from registry.responsibility.schemas import (
    ContactCheck,
    IncompleteUnits,
    Missing,
    Responsibility,
    ResponsibilityReport,
    TesterIn,
    TesterOut,
    TesterPatch,
)
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of

router = APIRouter(prefix="/v1", tags=["责任 Responsibility"])

TESTER = {"institution_code": "91512081MA62K0260E", "lab_code": "LAB01", "effective_from": "2026-11-01"}


@router.get(
    "/units/{unit_code}/responsibility",
    response_model=Responsibility,
    summary="单位的四方责任 Who answers for a unit",
    description="属地、主管部门(含依据)、单位责任人(含确认日期和到期日)、个人,以及由谁采样、还缺什么。\n\n"
    "Township, department with its basis, the unit's named people and until when that name holds, the "
    "people themselves, who tests them, and what is missing.",
)
async def get_responsibility(
    unit_code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return who answers for a unit."""
    return await service.sides(session, context, unit_code=unit_code, who=who, now=now)


@router.get(
    "/responsibility/defects",
    response_model=IncompleteUnits,
    summary="责任不完整的单位 Units that miss something",
    description="在营单位中缺少任何一项的名单:主管部门未映射、冲突、属性未说明、责任人过期或已报告异动、"
    "缺数据录入人、缺采样机构、无在册人员;可按缺项、主管部门、镇街筛选。\n\n"
    "Every active unit that lacks anything, with what; by kind, department or township, inside the area.",
)
async def list_defects(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    *,
    kind: Annotated[Missing | None, Query()] = None,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List units that miss something."""
    rows = await service.incomplete(
        session,
        context,
        who=who,
        today=day_of(now),
        after=code_after(cursor, "unit_code"),
        limit=limit + 1,
        kind=kind,
        township_code=township_code,
        department_code=department_code,
    )
    return page_of("units", rows, limit=limit, position=lambda row: {"unit_code": row["unit_code"]})


@router.get(
    "/responsibility/report",
    response_model=ResponsibilityReport,
    summary="责任缺项统计 Count what units miss",
    description="按缺项、主管部门、镇街统计,含分母;名单见 defects。\n\n"
    "By kind, department and township, with the number of units they are of; the lists are the defects.",
)
async def report_defects(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
) -> dict[str, Any]:
    """Count what units miss."""
    return await service.report(
        session,
        context,
        who=who,
        today=day_of(now),
        township_code=township_code,
        department_code=department_code,
    )


@router.post(
    "/units/{unit_code}/contact-checks",
    response_model=Responsibility,
    summary="核实单位责任人 Check a unit's contact",
    description="confirmed 更新确认日期;moved(已调离)、unreachable(联系不上)列为缺项,"
    "告知镇街和主管部门。\n\n"
    "`confirmed` renews the date; `moved` and `unreachable` are a defect and a task for township and "
    "department.",
    **documents(ContactCheck, example={"outcome": "confirmed"}),
)
async def check_contact(
    unit_code: CodePath,
    who: Annotated[Principal, needs("cases:respond")],
    wanted: Annotated[ContactCheck, body(ContactCheck)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Keep a check."""
    await record(
        session, context, who=who, action="contact.check", now=now, subject=unit_code, purpose=wanted.outcome
    )
    await service.check_contact(
        session, unit_code=unit_code, outcome=wanted.outcome, who=who, today=day_of(now)
    )
    return await service.sides(session, context, unit_code=unit_code, who=who, now=now)


@router.post(
    "/units/{unit_code}/testers",
    status_code=status.HTTP_201_CREATED,
    response_model=TesterOut,
    summary="指定采样机构 Assign who tests a unit",
    description="采样机构须是台账中的单位;同一天只能有一个。\n\n"
    "The institution is a unit of the ledger; one on any day.",
    **documents(TesterIn, example=TESTER),
)
async def assign_tester(
    unit_code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[TesterIn, body(TesterIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Assign who tests a unit."""
    await record(session, context, who=who, action="tester.assign", now=now, subject=unit_code)
    return await service.assign_tester(session, wanted, unit_code=unit_code, who=who, now=now)


@router.patch(
    "/units/{unit_code}/testers/{tester_id}",
    response_model=TesterOut,
    summary="结束采样分工 End an assignment",
    description="给出最后一天(含)。\n\nGives its last day, included.",
    **documents(TesterPatch, example={"effective_to": "2026-12-31"}),
)
async def end_tester(
    unit_code: CodePath,
    tester_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[TesterPatch, body(TesterPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """End an assignment."""
    await record(session, context, who=who, action="tester.end", now=now, subject=unit_code)
    return await service.end_tester(
        session, unit_code=unit_code, tester_id=tester_id, effective_to=wanted.effective_to, who=who
    )
