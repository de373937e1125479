"""What comes round: sites that are late (row 84), what of a round is visible (81), counts of the day (88)."""

from datetime import datetime, time, timedelta
from typing import Any, Final

from results_ingest.intake import queries
from results_ingest.reconciliation.service import Scope, parameters
from shared.bus.publishing import publish, publish_all
from shared.bus.types import Schedule
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.messages import IntakeCounted, LabVisible, RoundVisible, SitesLate

SUMS: Final = ("total", "sampled", "remaining", "negative", "pending", "not_negative")


async def tell_late(session: Session, context: Context[Any]) -> bool:
    """Tell of one round whose time for the set-up has passed; True if there may be another."""
    now = await context.clock.now(session)
    code = await fetch_value(session, queries.OVERDUE_SETUP, now=now)
    if code is None:
        return False
    towns = await fetch_all(session, queries.LATE_SITES, round_code=code, now=now)
    late = [
        SitesLate(
            round_code=code,
            title=town["title"] or code,
            township_code=town["township_code"],
            setup_due_at=town["setup_due_at"].astimezone(SHANGHAI).isoformat(),
            as_of=now.isoformat(),
            planned=town["planned"],
            site_codes=tuple(town["late"]),
        )
        for town in towns
        if town["late"]
    ]
    await publish_all(session, late, now=now)
    await execute(session, queries.SETUP_TOLD, round_code=code, now=now)
    return True


async def tell_visible(session: Session, context: Context[Any]) -> bool:
    """Tell what of one round cannot be seen, as often as registry counts it; True if there may be another."""
    now = await context.clock.now(session)
    found = await fetch_one(session, queries.VISIBLE_TO_TELL)
    if found is None:
        return False
    code = found["round_code"]
    rows = await fetch_all(session, queries.VISIBLE, **parameters(context, Scope(None, code), None, now=now))
    labs = tuple(LabVisible(**row) for row in rows)
    await publish(session, RoundVisible(code, found["title"] or code, now.isoformat(), labs), now=now)
    await execute(session, queries.VISIBLE_TOLD, round_code=code, counted_at=found["counted_at"])
    return True


async def tell_intake(session: Session, context: Context[Any]) -> bool:
    """Tell each town the counts of the day once it is late enough, once a day (row 88)."""
    now = await context.clock.now(session)
    today = day_of(now)
    if now < datetime.combine(today, time(context.settings.intake_hour), SHANGHAI):
        return False
    if await fetch_value(session, queries.INTAKE_TOLD, today=today):
        return False
    if not await execute(session, queries.TELL_INTAKE, today=today):
        return False
    given = {**parameters(context, Scope(today), None, now=now), "day": today}
    towns: dict[str | None, dict[str, int]] = {}
    for row in await fetch_all(session, queries.COUNTS_BY_TOWN, **given):
        counts = towns.setdefault(row["township_code"], dict.fromkeys(SUMS, 0))
        for name in SUMS:
            counts[name] += row[name]
    told = [
        IntakeCounted(day=today.isoformat(), as_of=now.isoformat(), township_code=town, **counts)
        for town, counts in towns.items()
    ]
    await publish_all(session, told, now=now)
    return False


SCHEDULES: Final = [
    Schedule("intake.late", timedelta(seconds=10), tell_late),
    Schedule("intake.visible", timedelta(seconds=30), tell_visible),
    Schedule("intake.counts", timedelta(seconds=30), tell_intake),
]
