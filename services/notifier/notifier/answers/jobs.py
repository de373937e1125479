"""Handlers of what registry wants answered."""

from notifier.answers import service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import ContactLapsed, GapsSent


async def on_gaps_sent(session: Session, message: GapsSent, context: Notifier) -> None:
    """Have the body answer its gaps."""
    await service.ask_about_gaps(session, context, message)


async def on_contact_lapsed(session: Session, message: ContactLapsed, context: Notifier) -> None:
    """Have township and department name somebody for a unit."""
    await service.ask_for_a_contact(session, context, message)
