"""Keeps the notices of a referral at its newest state."""

from datetime import datetime

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import bring
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, reopen, revoke
from notifier.referrals import queries, rules
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_value
from shared.messages import ReferralChanged


async def tell(session: Session, context: Notifier, message: ReferralChanged, *, now: datetime) -> None:
    """Issue what is owed and bring what is out to the referral's state; an older state changes nothing.

    A clinic that is not awaited any more, after another was chosen, has its notice revoked.
    """
    key = {"referral_id": message.referral_id, "revision": message.revision}
    if await fetch_value(session, queries.HEAR, **key) is None:
        return
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=message.referral_id)
    if message.state == "cancelled":
        await revoke(session, context, notices, now=now)
        return
    found = await directory(session, unit_codes=[message.from_unit_code, message.to_unit_code])
    drafts = [_draft(message, body, now=now) for body in rules.bodies(message, found)]
    units = {message.from_unit_code, message.to_unit_code}
    left = [one for one in notices if one["recipient_type"] == "unit" and one["recipient_code"] not in units]
    await revoke(session, context, left, now=now)
    standing = [one for one in notices if one not in left]
    # A clinic that was left and is chosen again has its old notice, which cannot be issued anew.
    await reopen(session, context, [one for one in standing if one["status"] == "revoked"], now=now)
    await bring(session, context, standing, drafts, now=now)


def _draft(message: ReferralChanged, body: Body, *, now: datetime) -> Draft:
    due_at = datetime.fromisoformat(message.due_at).astimezone(SHANGHAI)
    facts = {
        "sender": message.from_unit_code,
        "clinic": message.to_unit_code,
        "due": f"{due_at:%Y-%m-%d %H:%M}",
    }
    texts = both(rules.text_key(message), facts)
    return draft_to(
        body,
        kind="task.answer",
        key=f"referral:{message.referral_id}",
        subject=("referral", str(message.referral_id)),
        content=Content(**texts, evidence=rules.evidence(message)),
        as_of=now,
        source_id=message.referral_id,
    )
