"""Which day the night's counts take next: every night the newest days anew, and any day that is asked for.

A day is counted again for some nights, because what nobody knew at first may be known later.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Literal

from shared.clock import SHANGHAI, day_of, midnight
from shared.context import Context
from shared.db import Session, execute, fetch_value, sql

What = Literal["quality", "league"]
Count = Callable[[Session, date], Awaitable[None]]
DAY: Final = timedelta(days=1)

NEXT = sql("""
    SELECT coalesce(
        (SELECT n.day FROM ingest.night_count n
          WHERE n.what = :what AND n.as_of IS NULL ORDER BY n.day LIMIT 1),
        (SELECT CAST(d.day AS date)
           FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d (day)
           LEFT JOIN ingest.night_count n ON n.what = :what AND n.day = CAST(d.day AS date)
          WHERE n.as_of IS NULL OR n.as_of < :night
          ORDER BY d.day DESC LIMIT 1))
""")
# First, so that two counts of a day wait for each other.
COUNTED = sql("""
    INSERT INTO ingest.night_count (what, day, as_of) VALUES (:what, :day, :now)
    ON CONFLICT ON CONSTRAINT night_count_pk DO UPDATE SET as_of = EXCLUDED.as_of
""")
ASK = sql("""
    INSERT INTO ingest.night_count (what, day) VALUES (:what, :day)
    ON CONFLICT ON CONSTRAINT night_count_pk DO UPDATE SET as_of = NULL
""")
AS_OF = sql("SELECT as_of FROM ingest.night_count WHERE what = :what AND day = :day")


async def count_next(session: Session, context: Context[Any], what: What, count: Count) -> bool:
    """Count the next day that lacks its count; True if there may be another."""
    settings = context.settings
    now = await context.clock.now(session)
    night = last_night(now, settings.night_counts_at)
    last = day_of(night) - DAY
    day = await fetch_value(
        session, NEXT, what=what, first=last - (settings.night_counts_days - 1) * DAY, last=last, night=night
    )
    if day is None:
        return False
    await execute(session, COUNTED, what=what, day=day, now=now)
    await count(session, day)
    return True


def last_night(now: datetime, at: time) -> datetime:
    """Return the newest moment of this time of day that is not after `now`."""
    today = datetime.combine(day_of(now), at, SHANGHAI)
    return today if today <= now else today - DAY


def span(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends, Asia/Shanghai."""
    begins = midnight(day)
    return begins, begins + DAY
