"""Days that a report is asked for: parsed, bounded, refused by the parameter's name."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from pydantic_core import PydanticCustomError

from shared.clock import day_of
from shared.errors import DAY_IN_FUTURE, INVALID_PARAMETER, Message, Problem, RowError, define
from shared.web.deps import ContextDep, NowDep
from shared.web.types import parse_day

PERIOD_REVERSED: Final = define(
    "period_reversed", 422, "结束日早于开始日", "The last day lies before the first"
)
PERIOD_TOO_LONG: Final = define("period_too_long", 422, "时间段过长", "The period is too long")
DAYS_SHOWN: Final = 14


def day_query(description: str, *, alias: str | None = None) -> Any:  # noqa: ANN401 - what a route declares
    """Return the declaration of a parameter that is a day; `day_in` reads it."""
    return Query(alias=alias, max_length=10, description=description, json_schema_extra={"format": "date"})


def today_or(description: str) -> Any:  # noqa: ANN401 - what a route declares
    """Return the dependency on `day`: the day asked for, without it today; Problem 422 for what is none."""

    async def asked(now: NowDep, day: Annotated[str | None, day_query(description)] = None) -> date:
        return day_in("day", day) or day_of(now)

    return Depends(asked)


SAMPLED: Final = "采样日期,默认当天 Day of sampling, today by default"
DayFrom = Annotated[str | None, day_query("起始日 First day", alias="from")]
DayTo = Annotated[str | None, day_query("截止日 Last day", alias="to")]


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


async def figure_days(
    context: ContextDep, now: NowDep, first: DayFrom = None, last: DayTo = None
) -> tuple[date, date]:
    """Return the days asked for, as `days_of`, of at most `FIGURES_LONGEST_DAYS`; Problem 422.

    As a dependency (`FigureDays`) it documents its parameters behind the route's own.
    """
    return days_of(first, last, today=day_of(now), longest=context.settings.figures_longest_days)


FigureDays = Annotated[tuple[date, date], Depends(figure_days)]


def day_in(name: str, text: str | None) -> date | None:
    """Return the day of a parameter, None where it is absent; Problem 422 with the parameter's name."""
    try:
        return None if text is None else parse_day(text)
    except PydanticCustomError as error:
        raise Problem(INVALID_PARAMETER, errors=[RowError(None, name, error.type)]) from None


def refused(name: str, why: Message) -> Problem:
    """Return the Problem of a parameter."""
    return Problem(INVALID_PARAMETER, errors=[RowError(None, name, why.code)])
