"""What comes round: late repairs, late re-checks and listed supervision, on the business clock."""

from datetime import timedelta
from functools import partial

from notifier.notices.service import Notifier
from notifier.problems import chasing, queries
from shared.bus.putting_off import one_by_one
from shared.clock import day_of
from shared.db import Session, fetch_all


async def chase_late(session: Session, context: Notifier) -> bool:
    """Chase the orders with something late, again after so many days."""
    now = await context.clock.now(session)
    today = day_of(now)
    before = today - timedelta(days=context.settings.rectification_chase_days)
    rows = await fetch_all(session, queries.TO_CHASE, today=today, before=before)

    chase = partial(chasing.chase, session, context, now=now)
    await one_by_one(session, context, queries.CHASE, [row["order_id"] for row in rows], chase, key=str)
    return bool(rows)


async def chase_rechecks(session: Session, context: Notifier) -> bool:
    """Chase the orders with evidence that nobody has looked at in time, again after so many days."""
    now = await context.clock.now(session)
    today = day_of(now)
    before = today - timedelta(days=context.settings.rectification_chase_days)
    rows = await fetch_all(session, queries.TO_RECHECK, today=today, before=before)

    chase = partial(chasing.chase_recheck, session, context, now=now)
    await one_by_one(session, context, queries.RECHECK, [row["order_id"] for row in rows], chase, key=str)
    return bool(rows)


async def recall_listed(session: Session, context: Notifier) -> bool:
    """Recall what is under listed supervision on the day it is to be reviewed."""
    now = await context.clock.now(session)
    rows = await fetch_all(session, queries.TO_REVIEW, today=day_of(now))

    review = partial(chasing.review, session, context, now=now)
    await one_by_one(session, context, queries.REVIEW, rows, review, key=lambda row: str(row["problem_id"]))
    return bool(rows)
