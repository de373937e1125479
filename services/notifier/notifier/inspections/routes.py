"""HTTP surface of inspections."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from notifier.inspection_draws.rules import InspectionKind, TargetType
from notifier.inspections import reading, service
from notifier.inspections.schemas import InspectionIn, InspectionOut, InspectionPage, LabSupervision
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after
from shared.web.periods import DayFrom, DayTo, days_of
from shared.web.problems import language_of

router = APIRouter(prefix="/v1", tags=["检查与整改 Inspections"])
Reader = Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")]
CodeFilter = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
INSPECTION: Final = {
    "inspection_no": "2030-0001",
    "kind": "unannounced",
    "target_type": "unit",
    "target_code": "91350100M000100Y43",
    "day": "2030-01-10",
    "team": "第一督导组",
    "inspectors": ["INS-01", "INS-02"],
    "problems": [
        {
            "kind_code": "TEST-COVERAGE",
            "shape": "individual",
            "note": "抽查 6 人,2 人无检测记录",
            "measure": "立即补检并纳入系统",
            "due_on": "2030-01-13",
        }
    ],
}


async def _wanted(
    kind: Annotated[InspectionKind | None, Query()] = None,
    target_type: Annotated[TargetType | None, Query()] = None,
    target_code: CodeFilter = None,
    draw_no: CodeFilter = None,
) -> reading.Filter:
    return reading.Filter(kind, target_type, target_code, draw_no)


@router.post(
    "/inspections",
    status_code=status.HTTP_201_CREATED,
    response_model=InspectionOut,
    responses={**known(InspectionOut), 404: {"description": "对象不在本辖区 Not inside the own area"}},
    summary="登记检查 Record an inspection",
    description="日常督导(routine)、集中检查(concentrated)、随机暗访(unannounced)。所列问题和检查表中答“否”的项目"
    "各有整改期限,同时下发一份编号的整改通知单;同一对象在期限窗口内重复出现的同类问题自动关联并升级。\n\n"
    "Routine, concentrated or unannounced. What it names, and every item answered `no`, is a problem with a "
    "deadline; one numbered order of rectification goes out with it. The same kind at the same target within "
    "the window is linked to the one before and raised.",
    **documents(InspectionIn, example=INSPECTION),
)
async def record_inspection(
    request: Request,
    who: Annotated[Principal, needs("cases:respond", "reviews:write")],
    wanted: Annotated[InspectionIn, body(InspectionIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Record an inspection."""
    inspection_id, new = await service.record_inspection(session, context, wanted, who=who, now=now)
    await record(session, context, who=who, action="inspection.record", subject=str(inspection_id), now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return await reading.inspection(
        session, context, inspection_id=inspection_id, who=who, now=now, language=language_of(request)
    )


@router.get(
    "/inspections",
    response_model=InspectionPage,
    summary="检查列表 List inspections",
    description="新的在前,只含本辖区。\n\nNewest first, inside the caller's area.",
)
async def list_inspections(
    who: Reader,
    session: SessionDep,
    wanted: Annotated[reading.Filter, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List inspections."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await reading.page(session, who=who, wanted=wanted, before=before, limit=limit + 1)
    return page_of(
        "inspections", rows, limit=limit, position=lambda row: {"before": str(row["inspection_id"])}
    )


@router.get(
    "/inspections/{inspection_id}",
    response_model=InspectionOut,
    summary="检查详情 Get an inspection",
    description="检查组、检查表答复和问题;检查人员姓名已脱敏。\n\n"
    "Team, answers and problems; inspectors' names are masked.",
)
async def get_inspection(
    request: Request,
    inspection_id: UUID,
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return an inspection."""
    await record(session, context, who=who, action="inspection.read", subject=str(inspection_id), now=now)
    return await reading.inspection(
        session, context, inspection_id=inspection_id, who=who, now=now, language=language_of(request)
    )


@router.get(
    "/lab-supervision",
    response_model=LabSupervision,
    summary="实验室督导 Supervision of laboratories",
    description="每家检测机构在一段时间内的督导次数、按样本未展示原因统计的问题,以及逐样核对最近一次告知的原因;"
    "未督导的在前。疾控和全区账号可见。\n\n"
    "Of each laboratory the visits of a period, its problems by why samples are not shown, and the causes "
    "that the reconciliation told it last; those not visited first. For the CDC and the district.",
)
async def list_lab_supervision(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    first: DayFrom = None,
    last: DayTo = None,
) -> dict[str, Any]:
    """List laboratories with their visits."""
    begin, end = days_of(first, last, today=day_of(now), longest=context.settings.figures_longest_days)
    return {"labs": await reading.labs(session, context, who=who, first=begin, last=end)}
