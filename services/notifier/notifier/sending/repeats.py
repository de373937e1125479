"""Repeats what nobody acknowledged, on the business clock (1H.10).

What is urgent every few minutes, and the next level is told; ordinary notices that are chased every so many
workdays.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from notifier.contacts.service import directory
from notifier.notices.rules import Content, draft_to
from notifier.notices.service import TEXT_CONTEXT, Notifier, issue, queue
from notifier.quiet.rules import after_workdays
from notifier.quiet.workdays import is_workday
from notifier.sending import queries
from notifier.sending.rules import repeat
from shared.bus.putting_off import in_parts
from shared.db import Session, execute, fetch_all


async def repeat_due(session: Session, context: Notifier) -> bool:
    """Send what is due for a repeat once more: a new delivery of the same notice."""
    now = await context.clock.now(session)
    notices = await fetch_all(session, queries.TO_REPEAT, now=now)

    async def some(part: Sequence[RowMapping]) -> None:
        for notice in part:
            await _repeat(session, context, notice, now=now)
        await queue(session, context, part, now=now, reason="repeat")

    await in_parts(session, context, queries.REPEATS, notices, some, key=lambda one: str(one["notice_id"]))
    return bool(notices)


async def _repeat(session: Session, context: Notifier, notice: RowMapping, *, now: datetime) -> None:
    settings = context.settings
    if not notice["urgent"]:
        later = after_workdays(now, settings.chase_workdays, is_workday)
        await execute(
            session,
            queries.REPEATED,
            notice_id=notice["notice_id"],
            repeats=notice["repeats"] + 1,
            repeat_at=later,
            escalated=notice["escalated"],
        )
        return
    after = repeat(
        now,
        due_at=notice["repeat_at"],
        repeats=notice["repeats"],
        every=timedelta(minutes=settings.repeat_minutes),
    )
    escalates = after.repeats >= settings.repeats_before_escalation and not notice["escalated"]
    if escalates and notice["recipient_type"] != "district":
        await _escalate(session, context, notice, now=now)
    await execute(
        session,
        queries.REPEATED,
        notice_id=notice["notice_id"],
        repeats=after.repeats,
        repeat_at=after.next_at,
        escalated=notice["escalated"] or escalates,
    )


async def _escalate(session: Session, context: Notifier, notice: RowMapping, *, now: datetime) -> None:
    """Tell headquarters, once for the same subject, however many bodies stay silent."""
    content = context.sealer.open_json(notice["sealed"], context=TEXT_CONTEXT)
    bodies = (await directory(session)).headquarters_bodies()
    drafts = [
        draft_to(
            body,
            kind=notice["kind"],
            key=str(notice["source_id"]),
            subject=(notice["subject_type"], notice["subject_code"]),
            content=Content.from_json(content),
            as_of=notice["as_of"],
            urgent=True,
            source_id=notice["source_id"],
            person_id=notice["person_id"],
        )
        for body in bodies
    ]
    await issue(session, context, drafts, now=now)
