"""What comes round for units: a row of the industry map begins or ends by time alone."""

from datetime import datetime, timedelta
from typing import Any, Final

from registry.units import mapping, service
from shared.bus import Schedule
from shared.clock import day_of
from shared.context import Context
from shared.db import Session

MOST_AT_ONCE: Final = 500


async def settle(session: Session, *, now: datetime) -> int:
    """Let the map decide again and tell of every unit that changed; return how many did."""
    changed = await mapping.resettle(session, today=day_of(now), now=now, most=MOST_AT_ONCE)
    for unit in changed:
        await service.tell(session, unit, now=now)
    return len(changed)


async def _settle(session: Session, context: Context[Any]) -> bool:
    return await settle(session, now=await context.clock.now(session)) >= MOST_AT_ONCE


SCHEDULES: Final = [Schedule("units.map", timedelta(minutes=1), _settle)]
