"""The digest: once a day each body is told how many samples it holds up past their deadline (row 80)."""

from datetime import datetime, time, timedelta
from typing import Any, Final

from results_ingest.reconciliation import queries
from results_ingest.reconciliation.service import parameters_of
from shared.bus.publishing import publish_all
from shared.bus.types import Schedule
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_value
from shared.messages import SamplesUnexplained

DAY: Final = timedelta(days=1)
Body = tuple[str, str | None, str | None]


async def tell(session: Session, context: Context[Any]) -> bool:
    """Tell every body of the last days, once a day; there is never more to do at once."""
    settings = context.settings
    now = await context.clock.now(session)
    today = day_of(now)
    if now < datetime.combine(today, time(settings.digest_hour), SHANGHAI):
        return False
    if await fetch_value(session, queries.TOLD, today=today):
        return False
    if not await execute(session, queries.TELL, today=today):
        return False
    given = parameters_of(context, today - settings.digest_days * DAY, today - DAY, None, now=now)
    held: dict[Body, dict[str, dict[str, int]]] = {}
    for row in await fetch_all(session, queries.HELD_UP, **given):
        days = held.setdefault((row["body_type"], row["body_code"], row["township_code"]), {})
        days.setdefault(row["day"].isoformat(), {})[row["cause"]] = row["samples"]
    digests = [
        SamplesUnexplained(today.isoformat(), now.isoformat(), *body, days) for body, days in held.items()
    ]
    await publish_all(session, digests, now=now)
    return False


SCHEDULES: Final = [Schedule("reconciliation.digest", timedelta(seconds=30), tell)]
