"""The count of a day's faults, by the worker: two statements for all laboratories, repeatable for any day."""

from datetime import date, timedelta
from typing import Any, Final

from results_ingest.nights import count_next, span
from results_ingest.quality import queries
from results_ingest.quality.rules import IDENTIFIERS, kinds_of_codes
from shared.bus import Schedule
from shared.context import Context
from shared.db import Session, execute
from shared.result_ids import oldest_id


async def count(session: Session, context: Context[Any]) -> bool:
    """Count the next day that lacks its count; True if there may be another."""
    return await count_next(session, context, "quality", count_day)


async def count_day(session: Session, day: date) -> None:
    """Count a day anew."""
    begins, ends = span(day)
    kinds = kinds_of_codes()
    await execute(session, queries.FORGET, day=day)
    await execute(
        session,
        queries.COUNT,
        day=day,
        low=oldest_id(begins),
        high=oldest_id(ends),
        identifiers=list(IDENTIFIERS),
        codes=list(kinds),
        kinds=list(kinds.values()),
    )


COUNT: Final = Schedule("quality.count", timedelta(seconds=20), count)
