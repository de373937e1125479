"""What comes round: the push of the issue ledger as a period begins, on the business clock."""

from notifier.issue_ledger import service
from notifier.notices.service import Notifier
from shared.db import Session


async def push_ledger(session: Session, context: Notifier) -> bool:
    """Send each body what it has open, once a period."""
    await service.push(session, context, now=await context.clock.now(session))
    return False
