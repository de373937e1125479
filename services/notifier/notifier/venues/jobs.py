"""Handler of venues' reports."""

from notifier.notices.service import Notifier
from notifier.venues import service
from shared.db import Session
from shared.messages import VenueReported


async def on_venue_reported(session: Session, message: VenueReported, context: Notifier) -> None:
    """Bring the day's notice of each body above the venue up to date."""
    await service.tell(session, context, message, now=await context.clock.now(session))
