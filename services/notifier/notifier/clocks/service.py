"""Keeps the notices of clocks at what was told last."""

from datetime import datetime

from notifier.clocks import queries, rules
from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import address, renew_all
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, queue, revoke
from notifier.texts.render import both
from shared.db import Session, execute, fetch_all, fetch_value
from shared.messages import ClocksTold


async def tell(session: Session, context: Notifier, told: ClocksTold, *, now: datetime) -> None:
    """Issue the notice, or bring it to its newest revision; an older one changes nothing.

    What late data explains entirely is revoked; where nothing is open any more nobody is reminded again.
    """
    key = {"notice_id": told.notice_id, "revision": told.revision}
    if await fetch_value(session, queries.HEAR, **key) is None:
        return
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=told.notice_id)
    found = await directory(session, unit_codes=[told.answer_code if told.answer_type == "unit" else None])
    drafts = [_draft(told, body, now=now) for body in rules.bodies(told, found)]
    standing = await address(session, context, notices, drafts, now=now)
    if told.explained == told.total:
        everybody = await fetch_all(session, notice_queries.OF_SOURCE, source_id=told.notice_id)
        await revoke(session, context, everybody, now=now)
        return
    changed = await renew_all(session, context, standing, drafts)
    again = [notice for notice, old in changed if old.evidence["explained"] != told.explained]
    await queue(session, context, again, now=now, reason="update")
    if told.open == 0:
        await execute(session, notice_queries.QUIET, notice_ids=[notice["notice_id"] for notice in standing])


def _draft(told: ClocksTold, body: Body, *, now: datetime) -> Draft:
    texts = both(rules.text_key(told), rules.facts(told))
    return draft_to(
        body,
        kind=rules.kind(told),
        key=str(told.notice_id),
        subject=(told.answer_type, told.answer_code),
        content=Content(**texts, evidence=rules.evidence(told)),
        as_of=now,
        urgent=True,
        acknowledge=told.level == "breach",
        source_id=told.notice_id,
    )
