"""Looks at clocks whose next moment has come; each warning and each breach is told once."""

from sqlalchemy import RowMapping

from notifier.events import queries, rules
from notifier.events.telling import tell
from notifier.notices.service import Notifier
from shared.bus.putting_off import one_by_one
from shared.db import Session, execute, fetch_all


async def watch(session: Session, context: Notifier) -> bool:
    """Tell of clocks that are nearly due or ran out; after a jump of the clock of the breach alone."""
    now = await context.clock.now(session)
    due = await fetch_all(session, queries.DUE, now=now)

    async def look(row: RowMapping) -> None:
        clock = dict(row)
        level = rules.level(clock, now=now)
        await tell(
            session,
            context,
            clock,
            what=clock["clock"],
            level=level,
            starts_at=clock["starts_at"],
            due_at=clock["due_at"],
            now=now,
        )
        await execute(
            session,
            queries.TOLD,
            event_id=clock["event_id"],
            clock=clock["clock"],
            breach=level == "breach",
            now=now,
        )

    await one_by_one(
        session, context, queries.WATCH, due, look, key=lambda one: f"{one['clock']} {one['event_id']}"
    )
    return bool(due)
