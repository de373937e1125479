"""The count of a day's league, by the worker: two statements for all laboratories."""

from datetime import date, timedelta
from typing import Any, Final

from results_ingest.league import queries
from results_ingest.nights import count_next, span
from shared.bus import Schedule
from shared.context import Context
from shared.db import Session, execute


async def count(session: Session, context: Context[Any]) -> bool:
    """Count the next day of sampling that lacks its count; True if there may be another."""
    return await count_next(session, context, "league", count_day)


async def count_day(session: Session, day: date) -> None:
    """Count a day anew."""
    begins, ends = span(day)
    await execute(session, queries.FORGET, day=day)
    await execute(session, queries.COUNT, day=day, from_at=begins, to_at=ends, township=None, department=None)


COUNT: Final = Schedule("league.count", timedelta(seconds=20), count)
