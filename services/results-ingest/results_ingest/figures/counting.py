"""The count of a day, by the worker: one statement for all laboratories."""

from datetime import timedelta
from typing import Any, Final

from results_ingest.figures import queries
from shared.bus import Schedule
from shared.clock import day_of, midnight
from shared.context import Context
from shared.db import Session, execute, fetch_value
from shared.result_ids import oldest_id

DAY: Final = timedelta(days=1)


async def count(session: Session, context: Context[Any]) -> bool:
    """Count the newest day that lacks its count; True if there may be another."""
    settings = context.settings
    now = await context.clock.now(session)
    today = day_of(now)
    day = await fetch_value(
        session,
        queries.NEXT,
        first=today - (settings.figures_days - 1) * DAY,
        today=today,
        before=now - timedelta(minutes=settings.figures_minutes),
    )
    if day is None:
        return False
    begins = midnight(day)
    await execute(
        session, queries.COUNT, day=day, low=oldest_id(begins), high=oldest_id(begins + DAY), now=now
    )
    return True


COUNT: Final = Schedule("figures.count", timedelta(seconds=20), count)
