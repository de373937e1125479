"""One order of rectification for each finding, revoked or marked done as the finding ends."""

from datetime import datetime
from uuid import UUID

from notifier.findings import queries, rules
from notifier.notices import queries as notice_queries
from notifier.notices.rules import Content, Draft
from notifier.notices.service import Notifier, issue, put_before, queue, revoke
from notifier.texts.render import both
from shared.db import Session, execute, fetch_all, fetch_value
from shared.messages import FindingEnded, FindingRecorded, ShareMissed

KIND = "task.rectification"


async def order(session: Session, context: Notifier, message: FindingRecorded, *, now: datetime) -> None:
    """Issue the order to the unit, once; if the finding has ended already, it ends at once."""
    texts = both(f"{KIND}.{message.kind}", rules.facts(message))
    content = Content(**texts, evidence=rules.evidence(message))
    await _order(session, context, message, content, now=now)


async def order_share(session: Session, context: Notifier, message: ShareMissed, *, now: datetime) -> None:
    """Do the same for a share that was missed."""
    texts = both(f"{KIND}.share", rules.share_facts(message))
    content = Content(**texts, evidence=rules.share_evidence(message))
    await _order(session, context, message, content, now=now)


async def _order(
    session: Session,
    context: Notifier,
    message: FindingRecorded | ShareMissed,
    content: Content,
    *,
    now: datetime,
) -> None:
    await execute(session, queries.HEAR, finding_id=message.finding_id)
    ended = await fetch_value(session, queries.LOCK, finding_id=message.finding_id)
    draft = Draft(
        kind=KIND,
        dedupe_key=f"finding:{message.finding_id}",
        recipient_type="unit",
        recipient_code=message.unit_code,
        subject_type="unit",
        subject_code=message.unit_code,
        content=content,
        as_of=datetime.fromisoformat(message.found_at),
        source_id=message.finding_id,
    )
    new = await issue(session, context, [draft], now=now)
    if new and ended is not None:
        await _end(session, context, message.finding_id, ended, now=now)


async def end(session: Session, context: Notifier, message: FindingEnded, *, now: datetime) -> None:
    """End the order of a finding; the first end that is heard stands."""
    await execute(session, queries.HEAR, finding_id=message.finding_id)
    if await fetch_value(session, queries.LOCK, finding_id=message.finding_id) is not None:
        return
    await execute(session, queries.END, finding_id=message.finding_id, ended=message.state, now=now)
    await _end(session, context, message.finding_id, message.state, now=now)


async def _end(session: Session, context: Notifier, finding_id: UUID, state: str, *, now: datetime) -> None:
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=finding_id)
    mine = [notice for notice in notices if notice["kind"] == KIND]
    if state == "withdrawn":
        await revoke(session, context, mine, now=now)
        return
    done = both(f"{KIND}.done", {"on": f"{now:%Y-%m-%d}"})
    for notice in mine:
        await put_before(session, context, notice, done, now=now)
    await queue(session, context, mine, now=now, reason="update")
