"""HTTP surface of entry lag."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic_core import PydanticCustomError

from registry.entries import service
from registry.entries.schemas import LagList, LateList
from shared.clock import day_of
from shared.errors import CURSOR_INVALID, INVALID_PARAMETER, Problem, RowError
from shared.security.access import Principal, needs
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import (
    DEFAULT_LIMIT,
    Cursor,
    Limit,
    code_after,
    decode_cursor,
    page_of,
    uuid_after,
)
from shared.web.periods import day_in, day_query
from shared.web.types import FIRST_DAY, parse_day

router = APIRouter(prefix="/v1", tags=["单位 Units"])

DAYS: Final = 30


async def _period(
    now: NowDep,
    first: Annotated[str | None, day_query("日期 Day", alias="from")] = None,
    last: Annotated[str | None, day_query("日期 Day", alias="to")] = None,
) -> service.Period:
    """Return the period asked for; without days the last thirty."""
    end = day_in("to", last) or day_of(now)
    begin = day_in("from", first) or end - timedelta(days=DAYS - 1)
    if begin > end:
        raise Problem(INVALID_PARAMETER, errors=[RowError(None, "to", "days_reversed")])
    return service.Period(begin, end)


Reader = Annotated[Principal, needs("records:read", "cases:respond")]
Asked = Annotated[service.Period, Depends(_period)]


@router.get(
    "/entry-lags",
    response_model=LagList,
    summary="录入及时性 Entry lag by unit",
    description="各单位在期间内录入的入职、离开,距实际发生的天数:中位数、九成、最长,及超过规定天数的数量和占比。\n\n"
    "How many days after somebody began or left each unit entered it: median, 90 %, longest, and how many "
    "took longer than is allowed. Without days the last thirty.",
)
async def list_entry_lags(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    period: Asked,
    unit_code: CodeQuery = None,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List units with their entry lag."""
    rows = await service.units(
        session,
        context,
        who=who,
        period=period,
        wanted=service.Filter(unit_code, township_code, department_code),
        after=code_after(cursor, "unit_code"),
        limit=limit + 1,
    )
    page = page_of("units", rows, limit=limit, position=lambda row: {"unit_code": row["unit_code"]})
    return {**_asked(context.settings.entry_lag_days, period), **page}


@router.get(
    "/units/{unit_code}/late-entries",
    response_model=LateList,
    summary="迟录名单 A unit's late entries",
    description="超过规定天数才录入的每一条:何人、何日、何时由谁录入。查询留痕。\n\n"
    "Each entry that took longer than is allowed: who, which day, entered when and by whom. Recorded.",
)
async def list_late_entries(
    unit_code: CodePath,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    period: Asked,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List what a unit entered late."""
    rows = await service.late(
        session,
        context,
        unit_code=unit_code,
        who=who,
        period=period,
        after=(uuid_after(cursor, "id"), code_after(cursor, "what"), _after_day(cursor)),
        limit=limit + 1,
        now=now,
    )
    page = page_of("entries", rows, limit=limit, position=_position)
    return {"unit_code": unit_code, **_asked(context.settings.entry_lag_days, period), **page}


def _asked(allowed: int, period: service.Period) -> dict[str, Any]:
    return {"first": period.first, "last": period.last, "allowed_days": allowed}


def _position(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(row["enrolment_id"]), "what": row["what"], "day": row["day"].isoformat()}


def _after_day(cursor: str | None) -> date:
    if cursor is None:
        return FIRST_DAY
    try:
        return parse_day(decode_cursor(cursor).get("day"))
    except PydanticCustomError:
        raise Problem(CURSOR_INVALID) from None
