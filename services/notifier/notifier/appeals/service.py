"""Keeps the notices of an appeal at its newest state."""

from datetime import datetime

from notifier.appeals import queries, rules
from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import bring
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, revoke
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_value
from shared.messages import AppealChanged


async def tell(session: Session, context: Notifier, message: AppealChanged, *, now: datetime) -> None:
    """Issue what is owed and bring what is out to the appeal's state; an older state changes nothing."""
    heard = await fetch_value(session, queries.HEAR, appeal_id=message.appeal_id, revision=message.revision)
    if heard is None:
        return
    people = [message.person_id] if message.person_id is not None else []
    found = await directory(session, person_ids=people, unit_codes=[message.unit_code])
    drafts = [_draft(message, body, now=now) for body in rules.bodies(message, found)]
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=message.appeal_id)
    if message.state == "withdrawn":
        await revoke(session, context, notices, now=now)
        return
    await bring(session, context, notices, drafts, now=now)


def _draft(message: AppealChanged, body: Body, *, now: datetime) -> Draft:
    due_at = datetime.fromisoformat(message.due_at).astimezone(SHANGHAI)
    texts = both(
        f"task.answer.{message.state}",
        {
            "claim_zh": rules.CLAIMS[message.claim],
            "claim": message.claim,
            "subject": message.subject_code,
            "due": f"{due_at:%Y-%m-%d %H:%M}",
            "late": message.late,
            "awaited": message.claim in rules.RESULTS,
        },
    )
    return draft_to(
        body,
        kind="task.answer",
        key=f"appeal:{message.appeal_id}",
        subject=(message.subject_type, message.subject_code),
        content=Content(**texts, evidence=rules.evidence(message)),
        as_of=now,
        source_id=message.appeal_id,
        person_id=message.person_id,
        acknowledge=body.type != "person",
    )
