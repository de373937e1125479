"""HTTP surface of spot checks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status

from registry.spot_checks import enrolling, reading, service
from registry.spot_checks.schemas import (
    EnrolIn,
    EnrolledOut,
    SpotCheckIn,
    SpotCheckList,
    SpotCheckMade,
    SpotCheckOut,
)
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after
from shared.web.problems import error_items, language_of

router = APIRouter(prefix="/v1", tags=["现场抽查 Spot checks"])

CHECK = {
    "check_no": "2026-11-21-03",
    "note": "午市后厨",
    "people": [
        {"id_type": "resident_id", "id_no": "11010519491231002X", "name": "张伟"},
        {"health_code_id": "HC-000002"},
    ],
}


async def _wanted(
    unit_code: CodeQuery = None, township_code: CodeQuery = None, department_code: CodeQuery = None
) -> reading.Filter:
    return reading.Filter(unit_code, township_code, department_code)


@router.post(
    "/units/{unit_code}/spot-checks",
    status_code=status.HTTP_201_CREATED,
    response_model=SpotCheckMade,
    responses=known(SpotCheckMade),
    summary="现场抽查 Make a spot check",
    description="提交单位现场发现的在岗人员(至多 1,000 人):逐人返回检测记录数、是否纳入、有无有效阴性,"
    "并按不全员(coverage)、不按频次(frequency)立问题单,通知单位整改。编号相同、内容相同即同一次抽查。\n\n"
    "People found at work at a unit, at most 1,000: of each the number of records, whether enrolled, whether "
    "a valid negative stands; findings by kind, of which the unit is told. The same number with the same "
    "content is the same check.",
    **documents(SpotCheckIn, example=CHECK),
)
async def make_spot_check(
    request: Request,
    unit_code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[SpotCheckIn, body(SpotCheckIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Make a spot check."""
    spot_check_id, wrong, new = await service.make(
        session, context, wanted, unit_code=unit_code, who=who, now=now
    )
    shown = await reading.check(session, context, spot_check_id=spot_check_id, who=who)
    await record(
        session,
        context,
        who=who,
        action="spot-check.make",
        subject=str(spot_check_id),
        rows=len(shown["people"]),
        now=now,
    )
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    rejected = len(wanted.people) - len(shown["people"])
    return {**shown, "rejected": rejected, "errors": error_items(wrong, language_of(request))}


@router.get(
    "/spot-checks",
    response_model=SpotCheckList,
    summary="抽查列表 List spot checks",
    description="新的在前,只含本辖区。\n\nNewest first, inside the area.",
)
async def list_spot_checks(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    wanted: Annotated[reading.Filter, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List spot checks."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await reading.page(session, who=who, wanted=wanted, before=before, limit=limit + 1)
    return page_of(
        "spot_checks", rows, limit=limit, position=lambda row: {"before": str(row["spot_check_id"])}
    )


@router.get(
    "/spot-checks/{spot_check_id}",
    response_model=SpotCheckOut,
    summary="抽查详情 Get a spot check",
    description="逐行保持抽查时的情况,姓名已脱敏;查询留痕。\n\n"
    "Each row as it was found, names masked; the look is recorded.",
)
async def get_spot_check(
    spot_check_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return a spot check."""
    shown = await reading.check(session, context, spot_check_id=spot_check_id, who=who)
    await record(
        session,
        context,
        who=who,
        action="spot-check.read",
        subject=str(spot_check_id),
        rows=len(shown["people"]),
        now=now,
    )
    return shown


@router.post(
    "/spot-checks/{spot_check_id}/enrolments",
    response_model=EnrolledOut,
    summary="抽查人员立即纳入 Enrol who was found",
    description="将抽查中未纳入的人员立即纳入该单位;缺省为全部。新人员须有证件和姓名。记下日期和经办人。\n\n"
    "Enrols those of the check who are not enrolled, all of them unless rows are named. Whoever is new needs "
    "a document and a name. The date and by whom are kept.",
    **documents(EnrolIn, example={"category_code": "LOCAL-CATERING"}),
)
async def enrol_found(
    request: Request,
    spot_check_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[EnrolIn, body(EnrolIn)],
    context: ContextDep,
) -> dict[str, Any]:
    """Enrol those who were found at work and are not enrolled."""
    enrolled, wrong = await enrolling.enrol(context, wanted, spot_check_id=spot_check_id, who=who)
    async with context.db.transaction(limits=who.limits) as session:
        shown = await reading.check(session, context, spot_check_id=spot_check_id, who=who)
    return {
        "enrolled": enrolled,
        "rejected": len({error.row for error in wrong}),
        "errors": error_items(wrong, language_of(request)),
        "check": shown,
    }
