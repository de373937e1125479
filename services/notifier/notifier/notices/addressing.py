"""Brings notices that are out already to where drafts made anew say they should be.

Used by whatever can be addressed again when a contact comes late; knows nothing of alarms or tasks.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from notifier.notices import queries
from notifier.notices.rules import Content, Draft
from notifier.notices.service import TEXT_CONTEXT, Notifier, issue, queue, rewrite, worded
from shared.clock import day_of
from shared.db import Session, execute


async def address(
    session: Session, context: Notifier, notices: Sequence[Any], drafts: Sequence[Draft], *, now: datetime
) -> list[Any]:
    """Issue the drafts that nobody has got yet; return the notices that were out, as they stand now.

    What stood at a placeholder goes to the body that has become known, and is sent there.
    """
    told = {(notice["recipient_type"], notice["recipient_code"]) for notice in notices}
    standing = []
    for notice in notices:
        draft = _successor(notice, drafts, told)
        if draft is None:
            standing.append(notice)
            continue
        told.add((draft.recipient_type, draft.recipient_code))
        await execute(
            session,
            queries.READDRESS,
            notice_id=notice["notice_id"],
            recipient_code=draft.recipient_code,
            dedupe_key=draft.dedupe_key,
        )
        if notice["status"] not in ("acknowledged", "revoked"):
            await queue(session, context, [notice], now=now, reason="update")
        standing.append({**notice, "recipient_code": draft.recipient_code, "placeholder": False})
    new = [draft for draft in drafts if (draft.recipient_type, draft.recipient_code) not in told]
    await issue(session, context, new, now=now)
    return standing


def _successor(notice: RowMapping, drafts: Sequence[Draft], told: set[tuple[str, str]]) -> Draft | None:
    if not notice["placeholder"]:
        return None
    for draft in sorted(drafts, key=lambda one: one.recipient_code):
        real = draft.recipient_type == notice["recipient_type"] and not draft.placeholder
        if real and (draft.recipient_type, draft.recipient_code) not in told:
            return draft
    return None


async def renew_all(
    session: Session, context: Notifier, notices: Sequence[Any], drafts: Sequence[Draft]
) -> list[tuple[Any, Content]]:
    """Put on each notice its recipient's draft; return those that changed, with what they said before.

    Who is no longer among the recipients reads what the first of them reads.
    """
    by_recipient = {(draft.recipient_type, draft.recipient_code): draft for draft in drafts}
    changed = []
    for notice in notices:
        draft = by_recipient.get((notice["recipient_type"], notice["recipient_code"]), drafts[0])
        old = await renew(session, context, notice, draft)
        if old is not None:
            changed.append((notice, old))
    return changed


async def bring(
    session: Session, context: Notifier, notices: Sequence[Any], drafts: Sequence[Draft], *, now: datetime
) -> None:
    """Address the drafts, and send again what was out and reads differently now."""
    standing = await address(session, context, notices, drafts, now=now)
    changed = [notice for notice, _ in await renew_all(session, context, standing, drafts)]
    await queue(session, context, changed, now=now, reason="update")


async def renew(session: Session, context: Notifier, notice: RowMapping, draft: Draft) -> Content | None:
    """Put the draft's text on a notice; return the old content if that changed anything.

    What says the same keeps the wording that it was issued with: a new version of a template alone changes
    nothing that is out.
    """
    old = Content.from_json(context.sealer.open_json(notice["sealed"], context=TEXT_CONTEXT))
    today = day_of(await context.clock.now(session))
    # What went out before wordings were recorded was worded as shipped.
    issued_as = old.wording or (draft.content.wording and replace(draft.content.wording, version=0))
    [draft] = await worded(session, context, [draft], today=today, issued_as=issued_as)
    if old.says(draft.content) and notice["subject_code"] == draft.subject_code:
        return None
    await rewrite(session, context, notice_id=notice["notice_id"], draft=draft)
    return old
