"""Handler of silent laboratories; the newest state of a silence counts, in any order."""

from notifier.laboratories import service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import LabSilence


async def on_lab_silence(session: Session, message: LabSilence, context: Notifier) -> None:
    """Tell of a silence as it stands."""
    await service.tell(session, context, message, now=await context.clock.now(session))
