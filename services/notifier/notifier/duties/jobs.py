"""Handler of the duty matrix; the highest revision wins, in any order."""

from notifier.duties import service
from notifier.settings import NotifierSettings
from shared.context import Context
from shared.db import Session
from shared.messages import DutiesChanged


async def on_duties_changed(session: Session, message: DutiesChanged, _: Context[NotifierSettings]) -> None:
    """Keep a newer matrix; notices that are out keep the owner they had."""
    await service.keep(session, message)
