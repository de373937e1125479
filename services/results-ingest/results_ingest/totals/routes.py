"""Daily totals over HTTP."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter

from results_ingest.sight import only
from results_ingest.totals import queries
from shared.clock import day_of, midnight
from shared.db import fetch_all
from shared.errors import CURSOR_INVALID, Problem
from shared.result_ids import oldest_id
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, decode_cursor, page_of
from shared.web.periods import DayFrom, DayTo, days_of

router = APIRouter(prefix="/v1/daily-totals", tags=["批次 Batches"])
SHOWN: Final = {
    "day": "2030-01-15",
    "lab_code": "LAB01",
    "batches": 2,
    "posted": 12,
    "accepted": 9,
    "refused": 2,
    "duplicates": 1,
    "waiting": 0,
    "matched": 7,
    "unmatched": 1,
    "held": 1,
    "replaced": 0,
    "negative": 8,
    "positive": 1,
    "indeterminate": 0,
    "invalid": 0,
}


@router.get(
    "",
    summary="每日对账总数 Daily totals that add up",
    description="按收到日(北京时间 0 点分界)和机构,从行本身实时计算:posted = accepted + refused + duplicates;"
    "accepted = waiting + matched + unmatched + held;waiting 为 0 时 accepted = negative + positive + "
    "indeterminate + invalid。`replaced` 为其中已被更正的行。检测机构只看到自己;镇街和部门客户端不可用。"
    "时间段最多 `TOTALS_LONGEST_DAYS` 天。\n\n"
    "By the day of receipt (Asia/Shanghai) and laboratory, from the rows as they stand now. `replaced` are "
    "those among them that a correction took the place of. A laboratory sees itself; not for clients of an "
    "area.",
    **answers({"first_day": "2030-01-15", "last_day": "2030-01-15", "days": [SHOWN], "next_cursor": None}),
)
async def list_daily_totals(
    who: Annotated[Principal, needs("results:write", "records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    first: DayFrom = None,
    last: DayTo = None,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List days of laboratories."""
    own = only(who, "records:read")
    begin, end = days_of(first, last, today=day_of(now), longest=context.settings.totals_longest_days)
    found = await fetch_all(
        session,
        queries.DAYS,
        low=oldest_id(midnight(begin)),
        high=oldest_id(midnight(end + timedelta(days=1))),
        only=own,
        lab_code=lab_code,
        after_day=_day_after(cursor),
        after_lab=code_after(cursor, "lab_code"),
        limit=limit + 1,
    )
    days: list[dict[str, Any]] = [
        {name: row[name] if name in ("day", "lab_code") else int(row[name]) for name in SHOWN}
        for row in found
    ]
    shown = page_of(
        "days",
        days,
        limit=limit,
        position=lambda row: {"day": row["day"].isoformat(), "lab_code": row["lab_code"]},
    )
    return {"first_day": begin, "last_day": end, **shown}


def _day_after(cursor: str | None) -> date:
    if cursor is None:
        return date.min
    try:
        return date.fromisoformat(str(decode_cursor(cursor).get("day")))
    except ValueError:
        raise Problem(CURSOR_INVALID) from None
