"""HTTP surface of the issue ledger."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from notifier.issue_ledger import rules, service
from notifier.issue_ledger.schemas import IssueLedger
from shared.audit.recording import record
from shared.clock import day_of
from shared.errors import DAY_IN_FUTURE
from shared.security.access import Principal, needs
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after
from shared.web.periods import day_in, refused
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/issue-ledger", tags=["检查与整改 Inspections"])
OnDay = Annotated[
    str | None,
    Query(
        max_length=10, description="期内任一天 Any day of the period", json_schema_extra={"format": "date"}
    ),
]


@router.get(
    "",
    response_model=IssueLedger,
    summary="问题台账 The issue ledger",
    description="按周(或月)列出问题:上期未办结的在前,再列本期新增;另有结转、新增、办结、期末未办结、逾期的数量,"
    "结转 + 新增 = 办结 + 期末未办结。只含本辖区。\n\n"
    "By week (or month): what the period before has left open stands first, then what is new; carried over + "
    "new = closed + open at the end. Inside the caller's area.",
)
async def read_issue_ledger(
    request: Request,
    who: Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    on: OnDay = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return a page of a period's ledger."""
    day = day_in("on", on) or day_of(now)
    if day > day_of(now):
        raise refused("on", DAY_IN_FUTURE)
    after = uuid_after(cursor, "after")
    rows = await service.page(
        session,
        context,
        on=day,
        who=who,
        after=after,
        limit=limit + 1,
        now=now,
        language=language_of(request),
    )
    period = context.settings.issue_ledger_period
    begin = rules.begin_of(day, period)
    await record(session, context, who=who, action="issue-ledger.read", now=now, rows=len(rows))
    return {
        "period": period,
        "first_day": begin,
        "last_day": rules.end_of(begin, period) - timedelta(days=1),
        "figures": await service.figures(session, context, on=day, who=who, now=now),
        **page_of("items", rows, limit=limit, position=lambda row: {"after": str(row["item_id"])}),
    }
