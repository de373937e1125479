"""HTTP surface of figures."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from registry.figures import charts, service, sheets
from registry.figures.rules import DAY, WEEK
from registry.figures.schemas import CountAsked, FigurePeople, FigureReport, Grouping, Outcome
from shared.clock import day_of
from shared.errors import CURSOR_INVALID, Problem
from shared.identifiers import CODE_PATTERN, is_code
from shared.security.access import ADMIN, Principal, needs, require_whole_district
from shared.sheets.rows import Format
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.figures_page import figures_page
from shared.web.files import FILE, file_response
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page_of
from shared.web.periods import day_in, day_query
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/figures", tags=["统计 Figures"])
page = figures_page(service="registry", scopes=("records:read", "cases:respond"), draw=charts.draw)

By = Annotated[
    Grouping, Query(description="按单位 unit、人群类别 category、主管部门 department、镇街 township、周 week")
]
From = Annotated[str | None, day_query("起始日所在周 The week of this day on", alias="from")]
To = Annotated[str | None, day_query("截止日所在周 To the week of this day", alias="to")]
ByOrNone = Annotated[Grouping | None, Query(description="分组 Grouping")]
Reader = Annotated[Principal, needs("records:read", "cases:respond")]
MOST_PARTS: Final = 255


async def _narrowed(
    unit_code: CodeQuery = None,
    category_code: CodeQuery = None,
    department_code: CodeQuery = None,
    township_code: CodeQuery = None,
) -> dict[str, str | None]:
    return {
        "unit_code": unit_code,
        "category_code": category_code,
        "department_code": department_code,
        "township_code": township_code,
    }


Narrowed = Annotated[dict[str, str | None], Depends(_narrowed)]


async def _asked(
    context: ContextDep,
    now: NowDep,
    narrowed: Narrowed,
    by: ByOrNone = None,
    first: From = None,
    last: To = None,
) -> service.Asked:
    begin, end = service.weeks_of(
        by=by,
        first=day_in("from", first),
        last=day_in("to", last),
        today=day_of(now),
        longest=context.settings.figures_longest_weeks,
    )
    return service.Asked(by, begin, end, **narrowed)


async def _grouped(
    context: ContextDep,
    now: NowDep,
    narrowed: Narrowed,
    by: By = "week",
    first: From = None,
    last: To = None,
) -> service.Asked:
    return await _asked(context, now, narrowed, by, first, last)


@router.get(
    "",
    response_model=FigureReport,
    summary="达标情况 Compliance figures",
    description="按单位、类别、主管部门、镇街或周(周一至周日)统计:分母为该周应采样(或已采样)的人员,分子为其中"
    "全周从未逾期者,其余为补检(late)、逾期(missed)、从未检测(never_tested);每个数附名单链接,各种分组合计一致。"
    "本周为截至目前;过去的周由后台重算,迟到的结果会改变数字,as_of 为统计时间,at_close 为该周结束时的数。\n\n"
    "By unit, category, department, township or week (Monday to Sunday). Denominator: those who owed a "
    "sample in the week, or gave one; numerator: those of them who were behind on no day; the others were "
    "late, missed or never tested. Each number links to its list; every grouping adds up to the same. The "
    "running week is so far; late results change past weeks: `as_of`, `at_close`.",
)
async def list_figures(
    who: Reader,
    asked: Annotated[service.Asked, Depends(_grouped)],
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the figures of a period by one grouping."""
    rows, total = await service.report(
        session, asked=asked, who=who, after=_key_after(cursor), limit=limit + 1, now=now
    )
    shown = page_of("rows", rows, limit=limit, position=lambda row: {"key": row["key"] or ""})
    return {
        "by": asked.by,
        "first_day": asked.first,
        "last_day": asked.last + WEEK - DAY,
        "total": total,
        **shown,
    }


@router.get(
    "/sheet",
    response_class=Response,
    responses=FILE,
    summary="达标情况表 Figures as a sheet",
    description="同上,XLSX(含图表)或 CSV;第一张表为全部各行,第二张表为图:各周,或最低的四十项。操作留痕。\n\n"
    "The same as XLSX with a native chart, or CSV: every row on the first sheet, on the second the chart of "
    "the weeks, or of the forty lowest shares. Kept.",
)
async def take_figures_out(
    request: Request,
    who: Reader,
    asked: Annotated[service.Asked, Depends(_grouped)],
    context: ContextDep,
    session: SessionDep,
    form: Annotated[Format, Query(alias="format", description="格式 Format")] = "xlsx",
) -> Response:
    """Take a report out as a sheet."""
    raw = await sheets.write(session, context, asked=asked, who=who, form=form, language=language_of(request))
    return file_response(raw, form, name="figures")


@router.get(
    "/people",
    response_model=FigurePeople,
    summary="数字背后的名单 The people behind a figure",
    description="by 与 key 取自图表的一行(只写 by 即没有该项的一行);outcome 为 met 即分子,不写即分母。"
    "姓名已脱敏;单位现已不在本辖区者不显示姓名;查询留痕。\n\n"
    "`by` and `key` are those of a row (`by` alone: the row without a key); `outcome=met` is the numerator, "
    "without it the denominator. Names masked, none of people whose unit lies in another area today; kept.",
)
async def list_people_behind_a_figure(
    who: Reader,
    asked: Annotated[service.Asked, Depends(_asked)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    key: Annotated[str | None, Query(pattern=CODE_PATTERN, description="该行的 key The row's key")] = None,
    outcome: Annotated[Outcome | None, Query(description="结果 Outcome")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the people behind a figure."""
    people = await service.people(
        session,
        context,
        asked=asked,
        key=key,
        outcome=outcome,
        who=who,
        after=_place_after(cursor),
        limit=limit + 1,
        now=now,
    )
    return page_of("people", people, limit=limit, position=service.place_of)


@router.post(
    "/weeks/{week}/count",
    response_model=CountAsked,
    status_code=202,
    summary="重新统计某周 Count a week again",
    description="week 为该周任一日;全区管理员使用,后台随即重算,用于已不再跟进的过去各周。操作留痕。\n\n"
    "`week` is any day of it. For the district's administrator; counted in the background, also weeks that "
    "are no longer followed. Kept.",
)
async def count_week_again(
    week: Annotated[str, Path(max_length=10, json_schema_extra={"format": "date"})],
    who: Annotated[Principal, needs(ADMIN)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Let a week be counted again."""
    require_whole_district(who)
    day = day_in("week", week)
    if day is None:
        raise RuntimeError("a path without its parameter")
    return {"week": await service.ask_again(session, context, day=day, who=who, now=now)}


def _key_after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return _code(decode_cursor(cursor), "key")


def _place_after(cursor: str | None) -> service.Place | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor)
    part = position.get("part")
    if type(part) is not int or not 0 <= part <= MOST_PARTS:
        raise Problem(CURSOR_INVALID)
    try:
        week_on = date.fromisoformat(_code(position, "week"))
        person_id = UUID(_code(position, "person_id"))
    except ValueError:
        raise Problem(CURSOR_INVALID) from None
    return service.Place(
        week_on, _code(position, "unit_code"), _code(position, "category_code"), part, person_id
    )


def _code(position: dict[str, Any], name: str) -> str:
    value = position.get(name)
    if not isinstance(value, str) or (value and not is_code(value)):
        raise Problem(CURSOR_INVALID)
    return value
