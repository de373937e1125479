"""What comes round for units: a row of the industry map begins or ends by time alone."""

from datetime import timedelta
from typing import Any, Final

from registry.units import service
from shared.bus import Schedule
from shared.context import Context
from shared.db import Session


async def settle(session: Session, context: Context[Any]) -> bool:
    """Let the map decide again; True if there may be more."""
    changed = await service.settle(session, now=await context.clock.now(session))
    return changed >= service.MOST_AT_ONCE


SCHEDULES: Final = [Schedule("units.map", timedelta(minutes=1), settle)]
