"""Handler of appeals; the newest state of each counts, in any order."""

from notifier.appeals import service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import AppealChanged


async def on_appeal_changed(session: Session, message: AppealChanged, context: Notifier) -> None:
    """Tell of an appeal as it stands."""
    await service.tell(session, context, message, now=await context.clock.now(session))
