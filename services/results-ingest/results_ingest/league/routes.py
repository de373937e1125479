"""HTTP surface of the league."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from results_ingest.figures.routes import SCOPES
from results_ingest.league import service
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.periods import DayFrom, DayTo, figure_days

router = APIRouter(prefix="/v1/league", tags=["统计 Figures"])
Category = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z_]{1,64}$",
        description="采样点类别;`all` 为全部合计 Kind of the site; `all`: all together",
    ),
]
ROW: Final = {
    "day": "2026-11-21",
    "stage": "total",
    "category": "all",
    "lab_code": "LAB01",
    "name": "县人民医院",
    "tubes": 812,
    "in_time": 806,
    "median": 295.0,
    "p90": 410.5,
    "p95": 455.0,
    "longest": 902.0,
    "rank": 1,
    "labs": 6,
}


@router.get(
    "",
    summary="检测机构时效排名 The laboratories ranked by how soon they are",
    description="按采样日、环节和采样点类别(`all` 为全部合计,`none` 为无采样点):"
    "用时的中位、九成、九成五和最长(分钟),按 `by` 排名,快的在前;"
    "`total` 为采样至报告,`in_time` 为其中按期报告的管数。每夜统计。"
    "检测机构只看到自己的名次和家数,镇街和部门客户端不可用。\n\n"
    "By day of sampling, stage and kind of site (`all` together, `none` without a site): percentiles in "
    "minutes, ranked by `by`, the quickest first; `total` is from the sampling to the report, `in_time` how "
    "many of these kept their limit. Counted every night. A laboratory sees its own place among how many; "
    "not for clients of an area.",
    **answers(
        {
            "first_day": "2026-11-21",
            "last_day": "2026-11-21",
            "by": "p90",
            "league": [ROW],
            "next_cursor": None,
        }
    ),
)
async def list_league(
    who: Annotated[Principal, needs(*SCOPES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    *,
    first: DayFrom = None,
    last: DayTo = None,
    stage: service.Stage | None = None,
    category: Category = None,
    lab_code: CodeFilter = None,
    by: service.By = "p90",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Rank laboratories."""
    begin, end = await figure_days(context, now, first, last)
    wanted = service.Wanted(begin, end, stage, category, lab_code, by)
    return await service.ranked(session, who, wanted, cursor=cursor, limit=limit)
