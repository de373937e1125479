"""HTTP surface of report forms and of who owes them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from notifier.reports import service
from notifier.reports.schemas import (
    FORM,
    FORM_SHOWN,
    OBLIGATION,
    OBLIGATION_SHOWN,
    ReportFormIn,
    ReportObligationEnd,
    ReportObligationIn,
)
from shared.audit.recording import record
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix="/v1", tags=["应报报表 Reports owed"])
Admin = Annotated[Principal, needs("admin")]
Reader = Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")]


@router.post(
    "/report-forms",
    status_code=201,
    responses=known(),
    summary="新增表单版本 Add a form",
    description="表单自 `effective_from` 起的填报项、每日截止时间和报送日;每个截止时间即一个报送时段,"
    "不填则用该类表单的默认值。`days` 可为每天、工作日、每周(`weekly`)或每月(`monthly`)的一天(`on_day`,"
    "如每周院感培训、每月院感督查)。版本只增不改;已开启的时段不变。\n\n"
    "A form from a day on: its counts, the cut-offs of a day, each of which names a slot, and whether it is "
    "owed on every day, on workdays, or on one day (`on_day`) of each week or month, as infection-control "
    "training and visits are. Without `cutoffs` those of its kind. Versions are only added; slots "
    "that are open keep theirs.",
    **documents(ReportFormIn, example=FORM),
)
async def add_form(
    who: Admin,
    wanted: Annotated[ReportFormIn, body(ReportFormIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a version of a form."""
    require_whole_district(who)
    stored, new = await service.add_form(session, context, wanted, client_id=who.client_id, now=now)
    await record(session, context, who=who, action="report_form.add", now=now, subject=wanted.form_code)
    response.status_code = 201 if new else 200
    return stored


@router.get(
    "/report-forms",
    summary="表单及其沿革 Forms and their history",
    description="`in_force` 为当前生效的版本。\n\n`in_force`: the version that holds today.",
    **answers({"forms": [FORM_SHOWN], "next_cursor": None}),
)
async def list_forms(
    who: Reader,  # noqa: ARG001 - any of them may read
    session: SessionDep,
    now: NowDep,
    form_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List forms."""
    return await service.forms(session, form_code=form_code, now=now, cursor=cursor, limit=limit)


@router.post(
    "/report-obligations",
    status_code=201,
    summary="设定报送义务 Oblige bodies to report",
    description="自 `from` 起由谁报送:列出代码,或某级全部(`everybody`),或按行业、属性选定的单位。"
    "当日尚未到截止时间的时段随即应报。\n\n"
    "Who owes a form from a day on: bodies by code, everybody of a level, or units by industry and "
    "attributes. Today's slots whose cut-off lies ahead are owed at once.",
    **documents(ReportObligationIn, example=OBLIGATION),
)
async def add_obligation(
    who: Admin,
    wanted: Annotated[ReportObligationIn, body(ReportObligationIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Oblige bodies."""
    require_whole_district(who)
    await record(session, context, who=who, action="report_obligation.add", now=now, subject=wanted.form_code)
    return await service.oblige(session, context, wanted, client_id=who.client_id, now=now)


@router.post(
    "/report-obligations/{obligation_id}/ending",
    summary="终止报送义务 End an obligation",
    description="`to` 为最后应报日;已应报的不变;重复提交结果不变。\n\n"
    "`to` is the last day on which it is owed; what was owed stays; again changes nothing.",
    **documents(ReportObligationEnd, example={"to": "2026-12-31", "basis": "指挥部通知"}),
)
async def end_obligation(
    obligation_id: UUID,
    who: Admin,
    wanted: Annotated[ReportObligationEnd, body(ReportObligationEnd)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """End an obligation."""
    require_whole_district(who)
    subject = str(obligation_id)
    await record(session, context, who=who, action="report_obligation.end", now=now, subject=subject)
    return await service.end_obligation(
        session, wanted, obligation_id=obligation_id, client_id=who.client_id, now=now
    )


@router.get(
    "/report-obligations",
    summary="报送义务列表 List obligations",
    description="由谁、自何日至何日、依据什么报送;仅限全区账号。\n\n"
    "Who owes what, from and to which day, on what basis; for clients of the whole district.",
    **answers({"obligations": [OBLIGATION_SHOWN], "next_cursor": None}),
)
async def list_obligations(
    who: Reader,
    session: SessionDep,
    form_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List obligations."""
    require_whole_district(who)
    return await service.obligations(session, form_code=form_code, cursor=cursor, limit=limit)
