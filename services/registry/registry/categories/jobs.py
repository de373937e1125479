"""What comes round for categories: people whose rule changed, some at a time."""

from datetime import timedelta
from typing import Any, Final

from registry.categories import queries, service
from shared.bus import Schedule
from shared.context import Context
from shared.db import Session, execute, fetch_one


async def refresh(session: Session, context: Context[Any]) -> bool:
    """Recompute the next people of a category that has a new rule; True if there may be more."""
    asked = await fetch_one(session, queries.NEXT_REFRESH)
    if asked is None:
        return False
    code = asked["category_code"]
    last, more = await service.refresh_some(
        session,
        context,
        code=code,
        after=asked["after_person"] or service.NOBODY,
        limit=service.A_STEP,
        now=await context.clock.now(session),
    )
    if more:
        await execute(session, queries.ADVANCE_REFRESH, category_code=code, after_person=last)
    else:
        await execute(session, queries.END_REFRESH, category_code=code)
    return True


SCHEDULES: Final = [Schedule("categories.refresh", timedelta(seconds=5), refresh)]
