"""HTTP surface of filing reports and of who has filed."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from notifier.filings import reading, service
from notifier.filings.schemas import FILING, REPORT, SILENT, VERSION, ZERO, ReportFilingIn, ReportState
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter, CodePart
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.periods import DayFrom, DayTo, days_of

router = APIRouter(prefix="/v1", tags=["应报报表 Reports owed"])
Filer = Annotated[Principal, needs("cases:respond")]
Reader = Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")]
SlotFilter = Annotated[
    str | None,
    Query(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="时段(截止时间)The slot, by its cut-off"),
]
StateFilter = Annotated[
    ReportState | None,
    Query(
        description="open 未到截止、filed 已报(含零报告)、zero 零报告、late 迟报、missing 未报 "
        "`filed` includes zero; silence is `missing`"
    ),
]
DaysQuery = Annotated[
    int | None, Query(ge=1, le=366, description="天数,默认取设置 Days, by default the setting's")
]


@router.post(
    "/reports/{form_code}",
    status_code=201,
    responses=known(),
    summary="填报 File a report",
    description="部门、镇街填报本级或本辖区单位的报表;各项数须全部填写,全部为零用 `zero`(零报告)。"
    "零报告算已报,不报不算。再次填报为新版本,须写明更正原因;首次填报晚于截止时间的记为迟报,更正不改变。"
    "同样的数再次提交得 200。\n\n"
    "A department or township files for itself or for a unit in its area: all counts of the form, or `zero`. "
    "A zero report is filed, silence is not. Filing again is a new version and needs its reason; whether it "
    "was late is decided by the first. The same counts again answer 200.",
    **documents(ReportFilingIn, examples={"counts": {"value": FILING}, "zero": {"value": ZERO}}),
)
async def file_report(
    form_code: CodePart,
    who: Filer,
    wanted: Annotated[ReportFilingIn, body(ReportFilingIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """File a report."""
    report, new = await service.file(session, context, wanted, form_code=form_code, who=who, now=now)
    subject = str(report["report_id"])
    await record(session, context, who=who, action="report.file", now=now, subject=subject)
    response.status_code = 201 if new else 200
    return report


@router.get(
    "/reports",
    summary="应报、已报、零报、迟报、未报 Who filed and who did not",
    description="某段时间(默认近十四天)每个时段每个单位的报送情况;只列本辖区。\n\n"
    "How each body stands with each slot of a period, by default the last fourteen days; inside the "
    "caller's area.",
    **answers({"reports": [REPORT], "next_cursor": None}),
)
async def list_reports(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    form_code: CodeFilter = None,
    slot: SlotFilter = None,
    state: StateFilter = None,
    body_code: CodeFilter = None,
    first: DayFrom = None,
    last: DayTo = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List reports."""
    days = days_of(first, last, today=day_of(now), longest=context.settings.figures_longest_days)
    filters = {"form_code": form_code, "slot": slot, "state": state, "body_code": body_code}
    return await reading.page(session, who, days=days, filters=filters, cursor=cursor, limit=limit, now=now)


@router.get(
    "/reports/{report_id}/versions",
    summary="填报沿革 Everything that was filed for a slot",
    description="每一版的数、时间、账号、更正原因;填报人已脱敏。\n\n"
    "Each version with its counts, time, client and reason; the name of who filed is masked.",
    **answers({"report": REPORT, "versions": [VERSION]}),
)
async def list_versions(
    report_id: UUID, who: Reader, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """List the versions of a report."""
    await record(session, context, who=who, action="report.read", now=now, subject=str(report_id))
    return await reading.versions(
        session, context, who, owed_id=report_id, sealed_as=service.FILING_CONTEXT, now=now
    )


@router.get(
    "/silent-reporters",
    summary="多日未报的单位 Who has filed nothing for days",
    description="最近若干天内有应报而一次未报的单位名单,以及最后一次报送的日期。\n\n"
    "Bodies that owed reports in the last days and filed none of them, by name, and the day for which they "
    "filed last.",
    **answers({"days": 7, "bodies": [SILENT], "next_cursor": None}),
)
async def list_silent(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    days: DaysQuery = None,
    form_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List who is silent."""
    asked = days or context.settings.report_silent_days
    found = await reading.silent(
        session, who, days=asked, form_code=form_code, cursor=cursor, limit=limit, now=now
    )
    return {"days": asked, **found}
