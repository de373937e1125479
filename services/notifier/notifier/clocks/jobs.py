"""Handlers of clocks and of the day's slowest; of a notice the highest revision wins, in any order."""

from notifier.clocks import digests, service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import ClocksTold, StagesDigested


async def on_clocks_told(session: Session, message: ClocksTold, context: Notifier) -> None:
    """Tell whoever answers for samples that ran out of time."""
    await service.tell(session, context, message, now=await context.clock.now(session))


async def on_stages_digested(session: Session, message: StagesDigested, context: Notifier) -> None:
    """Tell each body how slow it, or what it answers for, was on a day."""
    await digests.tell(session, context, message, now=await context.clock.now(session))
