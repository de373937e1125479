"""HTTP surface of a laboratory's figures."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter

from results_ingest.figures import service
from results_ingest.sight import only
from shared.errors import CURSOR_INVALID, Problem
from shared.identifiers import is_code
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.figures_page import figures_page
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page_of
from shared.web.periods import DayFrom, DayTo, figure_days

SCOPES: Final = ("records:read", "results:write")
router = APIRouter(prefix="/v1/figures", tags=["统计 Figures"])
page = figures_page(service="results-ingest", scopes=SCOPES, draw=service.draw)
SHOWN: Final = {
    "day": "2030-01-15",
    "lab_code": "LAB01",
    "name": "县人民医院",
    **dict.fromkeys(service.COUNTS, 0),
    **dict.fromkeys(service.HOURS, 6.5),
    "as_of": "2030-01-15T12:00:00+08:00",
}


@router.get(
    "",
    summary="各检测机构每日结果 Results by laboratory and day",
    description="按收到日统计:批次、行数、结果构成,以及从采样到报告的小时数(中位、九成、最长);"
    "`lab_code` 为空的行是全部机构合计。检测机构只看到自己;镇街和部门客户端不可用。"
    "由后台定时统计,`as_of` 为统计时间。\n\n"
    "By the day of receipt: batches, rows, outcomes, and hours from sampling to report (median, 90th "
    "percentile, longest); a row without `lab_code` is all together. A laboratory sees itself; not for "
    "clients of an area. Counted in the background, as of `as_of`.",
    **answers({"first_day": "2030-01-02", "last_day": "2030-01-15", "days": [SHOWN], "next_cursor": None}),
)
async def list_lab_figures(
    who: Annotated[Principal, needs(*SCOPES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    first: DayFrom = None,
    last: DayTo = None,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the days of laboratories."""
    own = only(who, "records:read")
    begin, end = await figure_days(context, now, first, last)
    rows = await service.rows_of(
        session, first=begin, last=end, own=own, lab_code=lab_code, after=_after(cursor), limit=limit + 1
    )
    shown = page_of(
        "days",
        rows,
        limit=limit,
        position=lambda row: {"day": row["day"].isoformat(), "lab_code": row["lab_code"] or ""},
    )
    return {"first_day": begin, "last_day": end, **shown}


def _after(cursor: str | None) -> service.Place:
    if cursor is None:
        return service.Place()
    position = decode_cursor(cursor)
    day, code = position.get("day"), position.get("lab_code")
    if not isinstance(day, str) or not isinstance(code, str) or (code and not is_code(code)):
        raise Problem(CURSOR_INVALID)
    try:
        return service.Place(date.fromisoformat(day), code)
    except ValueError:
        raise Problem(CURSOR_INVALID) from None
