"""Days that a report is asked for: parsed, bounded, refused by the parameter's name."""

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import Query
from pydantic_core import PydanticCustomError

from shared.errors import INVALID_PARAMETER, Problem, RowError, define
from shared.web.types import parse_day

PERIOD_REVERSED: Final = define(
    "period_reversed", 422, "结束日早于开始日", "The last day lies before the first"
)
PERIOD_TOO_LONG: Final = define("period_too_long", 422, "时间段过长", "The period is too long")
DAY_IN_FUTURE: Final = define("day_in_future", 422, "日期晚于今天", "The day lies in the future")
DAYS_SHOWN: Final = 14

DayFrom = Annotated[
    str | None,
    Query(alias="from", max_length=10, description="起始日 First day", json_schema_extra={"format": "date"}),
]
DayTo = Annotated[
    str | None,
    Query(alias="to", max_length=10, description="截止日 Last day", json_schema_extra={"format": "date"}),
]


def days_of(first: str | None, last: str | None, *, today: date, longest: int) -> tuple[date, date]:
    """Return the days asked for, both included, without them the last fourteen; Problem 422."""
    end = _day("to", last) or today
    begin = _day("from", first) or end - timedelta(days=min(DAYS_SHOWN, longest) - 1)
    for name, day, given in (("from", begin, first), ("to", end, last)):
        if given is not None and day > today:
            raise _refusal(name, DAY_IN_FUTURE.code)
    if end < begin:
        raise _refusal("to", PERIOD_REVERSED.code)
    if (end - begin).days >= longest:
        raise _refusal("to", PERIOD_TOO_LONG.code)
    return begin, end


def _day(name: str, text: str | None) -> date | None:
    try:
        return None if text is None else parse_day(text)
    except PydanticCustomError as error:
        raise _refusal(name, error.type) from None


def _refusal(field: str, code: str) -> Problem:
    return Problem(INVALID_PARAMETER, errors=[RowError(None, field, code)])
