"""HTTP surface of a day's summaries."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from notifier.summaries import service
from notifier.summaries.schemas import DAY, SIGN, SIGNED, SummarySignature
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter, CodePart
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.periods import DayFrom, DayTo, days_of

router = APIRouter(prefix="/v1/report-summaries", tags=["应报报表 Reports owed"])
Signer = Annotated[Principal, needs("cases:respond")]
Reader = Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")]


@router.get(
    "/{form_code}",
    summary="每日汇总 Summaries of days",
    description="由已报报表生成:应报、已报、零报告、迟报、未报(列名)和各项合计;镇街、部门只看本辖区,"
    "全区账号可选。`signed` 为最近签发的一版,其数已固定;`changed_since` 表示签发后又有填报使数字变化。\n\n"
    "Made from the filings: owed, filed, zero, late, missing by name, and the sums. An area sees its own. "
    "`signed`: the version signed last, with its figures fixed; `changed_since`: what was filed later makes "
    "others.",
    **answers({"form_code": "FEVER-CLINIC", "township_code": None, "department_code": None, "days": [DAY]}),
)
async def list_summaries(
    form_code: CodePart,
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    township_code: CodeFilter = None,
    department_code: CodeFilter = None,
    first: DayFrom = None,
    last: DayTo = None,
) -> dict[str, Any]:
    """Summarise the days of a period."""
    begin, end = days_of(first, last, today=day_of(now), longest=context.settings.report_summary_days)
    area = service.area_asked(who, township=township_code, department=department_code)
    found = await service.days(
        session, context, form_code=form_code, area=area, first=begin, last=end, now=now
    )
    return {
        "form_code": form_code,
        "township_code": area["township"],
        "department_code": area["department"],
        "days": found,
    }


@router.post(
    "/{form_code}",
    status_code=201,
    responses=known(),
    summary="签发每日汇总 Sign a day's summary",
    description="当日最后截止后方可签发;签发时的数固定为一版,之后有变化可再签发;没有变化得 200。\n\n"
    "After the day's last cut-off. The figures are fixed as a version; when they have changed since, another "
    "may be signed; signing what has not changed answers 200.",
    **documents(SummarySignature, example=SIGN),
)
async def sign_summary(
    form_code: CodePart,
    who: Signer,
    wanted: Annotated[SummarySignature, body(SummarySignature)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Sign a day."""
    signed, new = await service.sign(session, context, wanted, form_code=form_code, who=who, now=now)
    subject = str(signed["summary_id"])
    await record(session, context, who=who, action="report_summary.sign", now=now, subject=subject)
    response.status_code = 201 if new else 200
    return signed


@router.get(
    "/versions/{summary_id}",
    summary="已签发的汇总 A signed summary",
    description="某一版签发时的数。\n\nA version with the figures of the moment it was signed.",
    **answers(SIGNED),
)
async def get_summary(
    summary_id: UUID, who: Reader, session: SessionDep, context: ContextDep
) -> dict[str, Any]:
    """Return a signed version."""
    return await service.one(session, context, summary_id=summary_id, who=who)
