"""Handler of clocks; the highest revision wins, in any order."""

from notifier.clocks import service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import ClocksTold


async def on_clocks_told(session: Session, message: ClocksTold, context: Notifier) -> None:
    """Tell whoever answers for samples that ran out of time."""
    await service.tell(session, context, message, now=await context.clock.now(session))
