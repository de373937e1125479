"""Handlers of findings; an end may be heard of before its finding."""

from notifier.findings import service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import FindingEnded, FindingRecorded, ShareMissed


async def on_finding_recorded(session: Session, message: FindingRecorded, context: Notifier) -> None:
    """Order the unit to put right what was found."""
    await service.order(session, context, message, now=await context.clock.now(session))


async def on_share_missed(session: Session, message: ShareMissed, context: Notifier) -> None:
    """Order the unit to make up for a share that a period ended without."""
    await service.order_share(session, context, message, now=await context.clock.now(session))


async def on_finding_ended(session: Session, message: FindingEnded, context: Notifier) -> None:
    """Say that it was put right, or take the order back."""
    await service.end(session, context, message, now=await context.clock.now(session))
