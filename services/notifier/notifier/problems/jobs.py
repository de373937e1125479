"""What comes round: late repairs, late re-checks and listed supervision, on the business clock."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import RowMapping

from notifier.notices.service import Notifier
from notifier.problems import chasing, queries
from shared.bus.putting_off import in_parts
from shared.clock import day_of
from shared.db import Session, fetch_all


async def chase_late(session: Session, context: Notifier) -> bool:
    """Chase the orders with something late, again after so many days."""
    now = await context.clock.now(session)
    today = day_of(now)
    before = today - timedelta(days=context.settings.rectification_chase_days)
    rows = await fetch_all(session, queries.TO_CHASE, today=today, before=before)

    async def work(part: Sequence[RowMapping]) -> None:
        for row in part:
            await chasing.chase(session, context, row["order_id"], now=now)

    await in_parts(session, context, queries.CHASE, rows, work, key=lambda row: str(row["order_id"]))
    return bool(rows)


async def chase_rechecks(session: Session, context: Notifier) -> bool:
    """Chase the orders with evidence that nobody has looked at in time, again after so many days."""
    now = await context.clock.now(session)
    today = day_of(now)
    before = today - timedelta(days=context.settings.rectification_chase_days)
    rows = await fetch_all(session, queries.TO_RECHECK, today=today, before=before)

    async def work(part: Sequence[RowMapping]) -> None:
        for row in part:
            await chasing.chase_recheck(session, context, row["order_id"], now=now)

    await in_parts(session, context, queries.RECHECK, rows, work, key=lambda row: str(row["order_id"]))
    return bool(rows)


async def recall_listed(session: Session, context: Notifier) -> bool:
    """Recall what is under listed supervision on the day it is to be reviewed."""
    now = await context.clock.now(session)
    rows = await fetch_all(session, queries.TO_REVIEW, today=day_of(now))

    async def work(part: Sequence[RowMapping]) -> None:
        for row in part:
            await chasing.review(session, context, row, now=now)

    await in_parts(session, context, queries.REVIEW, rows, work, key=lambda row: str(row["problem_id"]))
    return bool(rows)
