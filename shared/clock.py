"""The business clock. In demo and test it can be moved; in production it is the real time.

Leases, retries and token expiry never ask it. Whoever asks, PostgreSQL's clock answers: that of a process
may be wrong or step.
"""

from datetime import date, datetime, time
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from shared.db import Session, fetch_value, sql
from shared.reads import Fetch

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

REAL_NOW = sql("SELECT clock_timestamp()")
BUSINESS_NOW = sql("SELECT clock_timestamp() + ahead FROM bus.business_clock")


class Clock(Protocol):
    """Tells the business time inside a transaction; `sql` is the same for a statement that reads it along."""

    sql: str

    async def now(self, session: Session) -> datetime:
        """Return the business time, aware, in Asia/Shanghai."""
        ...


class RealClock:
    """The production clock."""

    sql = "clock_timestamp()"

    async def now(self, session: Session) -> datetime:
        """Return the real time."""
        moment: datetime = await fetch_value(session, REAL_NOW)
        return moment.astimezone(SHANGHAI)


class MovableClock:
    """The clock of demo and test: the real time plus what `PUT /v1/clock` has put before it."""

    sql = "(SELECT clock_timestamp() + ahead FROM bus.business_clock)"

    async def now(self, session: Session) -> datetime:
        """Return the moved time, the same for all three services."""
        moved: datetime = await fetch_value(session, BUSINESS_NOW)
        return moved.astimezone(SHANGHAI)


async def read_now(fetch: Fetch, clock: Clock) -> datetime:
    """Return the business time outside of a transaction."""
    found = await fetch(f"SELECT {clock.sql}")
    moment: datetime = found[0][0]
    return moment.astimezone(SHANGHAI)


def day_of(moment: datetime) -> date:
    """Return the Asia/Shanghai day of an aware time."""
    return moment.astimezone(SHANGHAI).date()


def midnight(day: date) -> datetime:
    """Return the first moment of an Asia/Shanghai day."""
    return datetime.combine(day, time.min, SHANGHAI)
