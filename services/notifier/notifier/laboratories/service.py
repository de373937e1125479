"""Keeps the notices of a laboratory's silence at its newest state."""

from datetime import datetime

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.laboratories import queries
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import bring
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_value
from shared.messages import LabSilence


async def tell(session: Session, context: Notifier, message: LabSilence, *, now: datetime) -> None:
    """Alert the CDC and the laboratory once; with the end, say so on the same notices and repeat no more.

    An older state changes nothing.
    """
    key = {"silence_id": message.silence_id, "revision": message.revision}
    if await fetch_value(session, queries.HEAR, **key) is None:
        return
    found = await directory(session)
    bodies = (*found.cdc_bodies(), Body("lab", message.lab_code))
    drafts = [_draft(message, body, now=now) for body in bodies]
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=message.silence_id)
    await bring(session, context, notices, drafts, now=now)
    if message.ended_at is not None:
        standing = await fetch_all(session, notice_queries.OF_SOURCE, source_id=message.silence_id)
        await execute(session, notice_queries.QUIET, notice_ids=[one["notice_id"] for one in standing])


def _draft(message: LabSilence, body: Body, *, now: datetime) -> Draft:
    since = datetime.fromisoformat(message.since).astimezone(SHANGHAI)
    ended = message.ended_at and datetime.fromisoformat(message.ended_at).astimezone(SHANGHAI)
    facts = {
        "lab_code": message.lab_code,
        "since": f"{since:%Y-%m-%d %H:%M}",
        "minutes": message.minutes,
        "waiting": message.waiting,
        "ended": f"{ended:%Y-%m-%d %H:%M}" if ended else "",
    }
    texts = both("alert.lab_silent.ended" if ended else "alert.lab_silent.open", facts)
    evidence = {
        "silence_id": str(message.silence_id),
        "state": "ended" if ended else "open",
        "lab_code": message.lab_code,
        "since": message.since,
        "limit_minutes": message.minutes,
        "waiting": message.waiting,
        "ended_at": message.ended_at,
    }
    return draft_to(
        body,
        kind="alert.lab_silent",
        key=f"silence:{message.silence_id}",
        subject=("lab", message.lab_code),
        content=Content(**texts, evidence=evidence),
        as_of=now,
        urgent=True,
        source_id=message.silence_id,
    )
