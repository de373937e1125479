"""Days that a report is asked for: parsed, bounded, refused by the parameter's name."""

from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import Query
from pydantic_core import PydanticCustomError

from shared.errors import DAY_IN_FUTURE, INVALID_PARAMETER, Message, Problem, RowError, define
from shared.web.types import parse_day

PERIOD_REVERSED: Final = define(
    "period_reversed", 422, "结束日早于开始日", "The last day lies before the first"
)
PERIOD_TOO_LONG: Final = define("period_too_long", 422, "时间段过长", "The period is too long")
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
    end = day_in("to", last) or today
    begin = day_in("from", first) or end - timedelta(days=min(DAYS_SHOWN, longest) - 1)
    for name, day, given in (("from", begin, first), ("to", end, last)):
        if given is not None and day > today:
            raise refused(name, DAY_IN_FUTURE)
    if end < begin:
        raise refused("to", PERIOD_REVERSED)
    if (end - begin).days >= longest:
        raise refused("to", PERIOD_TOO_LONG)
    return begin, end


def day_in(name: str, text: str | None) -> date | None:
    """Return the day of a parameter, None where it is absent; Problem 422 with the parameter's name."""
    try:
        return None if text is None else parse_day(text)
    except PydanticCustomError as error:
        raise Problem(INVALID_PARAMETER, errors=[RowError(None, name, error.type)]) from None


def refused(name: str, why: Message) -> Problem:
    """Return the Problem of a parameter."""
    return Problem(INVALID_PARAMETER, errors=[RowError(None, name, why.code)])
