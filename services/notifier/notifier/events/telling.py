"""The notices of an event: that it was recorded, and once each that a clock is nearly due or ran out."""

from collections.abc import Mapping
from datetime import datetime
from itertools import product
from typing import Any, Final
from uuid import UUID, uuid5

from notifier.contacts.service import directory
from notifier.events import rules
from notifier.notices import queries as notice_queries
from notifier.notices.rules import Content, draft_to
from notifier.notices.service import Notifier, issue
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, full_sight

KIND: Final = "task.answer"
RECORDED: Final = "recorded"


async def tell(
    session: Session,
    context: Notifier,
    event: Mapping[str, Any],
    *,
    what: str,
    level: str | None,
    starts_at: datetime,
    due_at: datetime | None,
    now: datetime,
) -> None:
    """Issue the urgent notices of a clock's level, or of the record; again they are the same ones."""
    found = await directory(session)
    source_id = source_of(event["event_id"], what, level)
    facts = {
        "event": event["event_code"],
        "starts": _minute(starts_at),
        "due": None if due_at is None else _minute(due_at),
    }
    texts = both(f"event.{what}" if level is None else f"event.{what}.{level}", facts)
    evidence = {
        "event_id": str(event["event_id"]),
        "event_code": event["event_code"],
        "clock": what,
        "level": level,
        "starts_at": starts_at.astimezone(SHANGHAI).isoformat(),
        "due_at": None if due_at is None else due_at.astimezone(SHANGHAI).isoformat(),
    }
    drafts = [
        draft_to(
            body,
            kind=KIND,
            key=str(source_id),  # as an escalation words it: headquarters is told of one thing once
            subject=("event", event["event_code"]),
            content=Content(**texts, evidence=evidence),
            as_of=now,
            urgent=True,
            source_id=source_id,
        )
        for body in rules.bodies(event, found, breach=level == "breach")
    ]
    await issue(session, context, drafts, now=now)


async def hush(session: Session, event_id: UUID, *whats: str) -> None:
    """Repeat no more what has been done, whoever of the district was told of it."""
    async with full_sight(session):
        for what, level in product(whats, (None, *rules.LEVELS)):
            source_id = source_of(event_id, what, level)
            notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=source_id)
            ids = [notice["notice_id"] for notice in notices]
            await execute(session, notice_queries.QUIET, notice_ids=ids)
            await execute(session, notice_queries.DROP_QUEUED, notice_ids=ids)


def source_of(event_id: UUID, what: str, level: str | None) -> UUID:
    """Return the source of the notices of a clock's level, or of the record: each ends by itself."""
    return uuid5(event_id, f"{what}:{level}")


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
