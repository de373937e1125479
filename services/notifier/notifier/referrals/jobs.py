"""Handler of referrals; the newest state of each counts, in any order."""

from notifier.notices.service import Notifier
from notifier.referrals import service
from shared.db import Session
from shared.messages import ReferralChanged


async def on_referral_changed(session: Session, message: ReferralChanged, context: Notifier) -> None:
    """Tell of a referral as it stands."""
    await service.tell(session, context, message, now=await context.clock.now(session))
