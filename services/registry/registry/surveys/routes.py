"""HTTP surface of survey rounds."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, status

from registry.licences.service import with_days
from registry.people.schemas import BulkVerdict
from registry.surveys import comparing, queries, report, sending, service
from registry.surveys.schemas import (
    AbsentUnits,
    Outcome,
    OutcomeList,
    PlaceList,
    PlacesIn,
    SurveyIn,
    SurveyList,
    SurveyOut,
    SurveyReport,
    SurveySent,
)
from shared.audit.recording import record
from shared.db import LONG_SECONDS, fetch_all
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after
from shared.web.problems import worded

router = APIRouter(prefix="/v1/survey-rounds", tags=["摸排 Surveys"])

ROUND = {
    "round_code": "2026-11",
    "name": "十一月拉网式排查",
    "trade_codes": ["CATERING", "BATH-BEAUTY"],
    "begins_on": "2026-11-01",
    "ends_on": "2026-11-20",
}
PLACE = {
    "name": "海棠餐厅",
    "address": "长城路1号",
    "credit_code": "91350100M000100Y43",
    "licence_no": "JY24201020001234",
    "trade_code": "CATERING",
    "township_code": "TOWN-01",
    "found": "open",
    "surveyed_on": "2026-11-12",
}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=SurveyOut,
    responses=known(SurveyOut),
    summary="登记摸排轮次 Add a survey round",
    description="写明行业类别、镇街(不写为全区)和起止日期;同一代码同样内容返回 200,内容不同返回 409。\n\n"
    "Trades, townships (none: the whole district) and days; the same content again 200, other content 409.",
    **documents(SurveyIn, example=ROUND),
)
async def add_survey_round(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[SurveyIn, body(SurveyIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a round."""
    require_whole_district(who)
    await record(session, context, who=who, action="survey.add", now=now, subject=wanted.round_code)
    stored, new = await service.add_round(session, wanted, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return stored


@router.get(
    "",
    response_model=SurveyList,
    summary="摸排轮次列表 List survey rounds",
    description="按代码排序。\n\nBy code.",
)
async def list_survey_rounds(
    _: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List rounds."""
    after = code_after(cursor, "round_code")
    rows = await fetch_all(session, queries.ROUND_PAGE, after=after, limit=limit + 1)
    return page_of(
        "rounds",
        [service.shown_round(row) for row in rows],
        limit=limit,
        position=lambda row: {"round_code": row["round_code"]},
    )


@router.post(
    "/{code}/places/bulk",
    response_model=BulkVerdict,
    summary="导入摸排结果 Import what was surveyed",
    description="最多 10,000 行,逐行判定:accepted + updated + rejected = 行数;同一处再次上报即更新。"
    "镇街账号只能上报本镇街;主管部门账号不能上报。反馈差异之后不再接收。\n\n"
    "At most 10,000 rows, judged one by one; the same place again updates. A township reports its own; a "
    "department does not report. After the gaps were sent a round takes no more.",
    **documents(PlacesIn, example={"places": [PLACE]}),
)
async def import_places(
    request: Request,
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[PlacesIn, body(PlacesIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
) -> dict[str, Any]:
    """Take in places."""
    service.require_reporter(who)
    async with context.db.transaction(seconds=LONG_SECONDS, limits=who.limits) as session:
        now = await context.clock.now(session)
        found = await service.take(session, context, wanted, round_code=code, who=who, now=now)
    return worded(found, request)


@router.get(
    "/{code}/places",
    response_model=PlaceList,
    summary="摸排结果列表 List what was surveyed",
    description="`registered=false` 只列台账中没有的;只列出本辖区内的。\n\n"
    "`registered=false`: only those that the ledger of units does not know. Inside the caller's area.",
)
async def list_places(
    code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    *,
    registered: Annotated[bool | None, Query()] = None,
    township_code: CodeQuery = None,
    trade_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List places."""
    await service.round_of(session, code)
    rows = await fetch_all(
        session,
        queries.PLACE_PAGE,
        round_code=code,
        after=uuid_after(cursor, "surveyed_id"),
        limit=limit + 1,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
        trade_code=trade_code,
        registered=registered,
    )
    shown = [with_days(row, "surveyed_on") for row in rows]
    return page_of(
        "places", shown, limit=limit, position=lambda row: {"surveyed_id": str(row["surveyed_id"])}
    )


@router.post(
    "/{code}/comparison",
    response_model=SurveyReport,
    summary="比对审批与摸排 Compare a round with the list",
    description="依次按统一社会信用代码、许可证号和已确认的匹配比对;名称和地址相近的只作为建议,由实名人员确认。"
    "可重复比对。\n\n"
    "By credit code, then licence number, then what a person confirmed; what only resembles is suggested, "
    "never joined by itself. May be repeated.",
)
async def compare_survey_round(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    context: ContextDep,
) -> dict[str, Any]:
    """Compare a round."""
    require_whole_district(who)
    async with context.db.transaction(seconds=LONG_SECONDS, limits=who.limits) as session:
        now = await context.clock.now(session)
        await record(session, context, who=who, action="survey.compare", now=now, subject=code)
        await comparing.compare(session, context, round_code=code, now=now)
        return await report.report(session, round_code=code, who=who, township_code=None, trade_code=None)


@router.get(
    "/{code}/report",
    response_model=SurveyReport,
    summary="比对结果统计 Report of a comparison",
    description="按行业类别和镇街:许可数、摸排数、两者都有、只有许可、只有摸排、已关门,"
    "及占比;名单见 outcomes。\n\n"
    "By trade and township: licensed, surveyed, both, only licensed, only surveyed, closed, with shares; "
    "the lists behind are the outcomes.",
)
async def report_survey_round(
    code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    township_code: CodeQuery = None,
    trade_code: CodeQuery = None,
) -> dict[str, Any]:
    """Report a comparison."""
    return await report.report(
        session, round_code=code, who=who, township_code=township_code, trade_code=trade_code
    )


@router.get(
    "/{code}/outcomes",
    response_model=OutcomeList,
    summary="比对结果名单 List what a comparison found",
    description="每个数字背后的名单,可按结果、镇街、行业类别筛选。\n\n"
    "The list behind every figure; by outcome, township or trade.",
)
async def list_outcomes(
    code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    *,
    outcome: Annotated[Outcome | None, Query()] = None,
    township_code: CodeQuery = None,
    trade_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List outcomes."""
    await service.round_of(session, code)
    rows = await fetch_all(
        session,
        queries.OUTCOME_PAGE,
        round_code=code,
        after=uuid_after(cursor, "outcome_id"),
        limit=limit + 1,
        area_township=who.township,
        area_department=who.department,
        outcome=outcome,
        township_code=township_code,
        trade_code=trade_code,
    )
    return page_of("outcomes", rows, limit=limit, position=lambda row: {"outcome_id": str(row["outcome_id"])})


@router.get(
    "/{code}/absent-units",
    response_model=AbsentUnits,
    summary="本轮未见的单位 Units that the round did not find",
    description="台账中属于本轮行业和镇街、但本轮没有摸排到的单位,及上次见到的日期。\n\n"
    "Units of the ledger inside the round's trades and townships that it did not come across, and when they "
    "were last found.",
)
async def list_absent_units(
    code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    township_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List absent units."""
    await service.round_of(session, code)
    rows = await fetch_all(
        session,
        queries.ABSENT_PAGE,
        round_code=code,
        after=code_after(cursor, "unit_code"),
        limit=limit + 1,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
    )
    shown = [with_days(row, "last_found_on") for row in rows]
    return page_of("units", shown, limit=limit, position=lambda row: {"unit_code": row["unit_code"]})


@router.post(
    "/{code}/gaps",
    response_model=SurveySent,
    summary="反馈差异 Send the gaps",
    description="把只有许可、只有摸排的逐一交给一个主管部门和一个镇街并告知;已消除的自动办结。重复执行不重复告知。\n\n"
    "Gives each gap to one department and one township and tells them; closes what is gone. Again nothing "
    "changes and nobody is told twice.",
)
async def send_gaps(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Send the gaps."""
    require_whole_district(who)
    await record(session, context, who=who, action="survey.send", now=now, subject=code)
    return await sending.send(session, context, round_code=code, who=who, now=now)
