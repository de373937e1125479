"""Keeps alarms and reviews, and brings the notices of an alert to where both leave it.

`settle` may be called at any time and any number of times: the notices follow from what is stored.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from notifier.alarms import queries, rules
from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import address, renew_all
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, queue, reopen, revoke
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.ids import new_id
from shared.messages import AlarmRaised, AlarmReviewed

KINDS: Final = {"positive": "alert.positive", "pool": "alert.pool"}


async def record_alarm(session: Session, context: Notifier, message: AlarmRaised, *, now: datetime) -> UUID:
    """Keep an alarm under its subject's open alert and return the alert."""
    alert_id: UUID | None = await fetch_value(session, queries.KNOWN, alarm_id=message.alarm_id)
    if alert_id is not None:
        # Said again with more people: their contacts may be arriving at this very moment.
        await execute(
            session, queries.LOOK_AGAIN, alert_id=alert_id, confirm_seconds=context.settings.confirm_seconds
        )
    else:
        alert_id = await fetch_value(
            session,
            queries.OPEN,
            alert_id=new_id(now),
            kind=KINDS[message.kind],
            subject_type=message.subject_type,
            subject_key=_subject_key(message),
            subject_code=message.subject_code,
            confirm_seconds=context.settings.confirm_seconds,
        )
    await execute(
        session,
        queries.ADD,
        alarm_id=message.alarm_id,
        alert_id=alert_id,
        result_id=message.result_id,
        outcome=message.outcome,
        person_ids=list(message.person_ids),
        unit_code=message.unit_code,
        lab_code=message.lab_code,
        collected_at=datetime.fromisoformat(message.collected_at),
        tested_at=datetime.fromisoformat(message.tested_at),
        members=message.members,
        members_unknown=message.members_unknown,
        conflict=message.conflict,
    )
    return alert_id


def _subject_key(message: AlarmRaised) -> str:
    """Return what makes two alarms one subject.

    A person stays the same under another health code; a tube code may be another tube's later. Of a unit's
    items each sampling is a subject of its own, since no review of the earlier one speaks of the later.
    """
    if message.subject_type == "unit":
        return f"{message.subject_code} {message.collected_at}"
    if message.subject_type == "person" and message.person_ids:
        return str(message.person_ids[0])
    if message.subject_type == "tube" and message.tube_id is not None:
        return str(message.tube_id)
    return message.subject_code


async def record_review(session: Session, message: AlarmReviewed) -> Sequence[UUID]:
    """Keep the verdict with the highest revision; return the alerts it concerns."""
    kept = await fetch_value(
        session,
        queries.REVIEW,
        result_id=message.result_id,
        revision=message.revision,
        verdict=message.verdict,
        reviewed_at=datetime.fromisoformat(message.at),
    )
    if kept is None:
        return []
    return [
        row["alert_id"] for row in await fetch_all(session, queries.OF_RESULT, result_id=message.result_id)
    ]


async def settle(session: Session, context: Notifier, *, alert_id: UUID, now: datetime) -> None:
    """Address the alert as contacts stand now, and bring its notices to its standing."""
    alert = await fetch_one(session, queries.LOCK, alert_id=alert_id)
    rows = await fetch_all(session, queries.ALARMS, alert_id=alert_id)
    if alert is None or not rows:
        return
    alarms = [_alarm(row) for row in rows]
    state = rules.standing(alarms)
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=alert_id)
    found = await directory(
        session,
        person_ids={person for alarm in alarms for person in alarm.person_ids},
        unit_codes=[alarm.unit_code for alarm in alarms],
    )
    drafts = [
        _draft(alert, body, alarms, state, here=here, now=now)
        for body, here in rules.bodies(alert["kind"], alarms, found).items()
    ]
    standing = await address(session, context, notices, drafts, now=now)
    await _update(session, context, standing, drafts, state, now=now)
    await _bring_to(session, context, alert_id, state, now=now)


async def _update(
    session: Session,
    context: Notifier,
    notices: Sequence[Any],
    drafts: Sequence[Draft],
    state: rules.Standing,
    *,
    now: datetime,
) -> None:
    """Rewrite the notices whose text has changed; a changed standing is also sent.

    Who was told on the way up, or answers for the person no longer, reads what the CDC reads.
    """
    changed = await renew_all(session, context, notices, drafts)
    moved = [one for one, old in changed if old.evidence["standing"] != state and one["status"] != "revoked"]
    if not rules.is_revoked(state):
        await queue(session, context, moved, now=now, reason="update")


async def _bring_to(
    session: Session, context: Notifier, alert_id: UUID, state: rules.Standing, *, now: datetime
) -> None:
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=alert_id)
    if rules.is_revoked(state):
        await revoke(session, context, notices, now=now)
    else:
        back = [one for one in notices if one["status"] == "revoked" and one["revoked_client"] is None]
        await reopen(session, context, back, now=now)
    if rules.is_closed(state):
        await execute(session, queries.CLOSE, alert_id=alert_id)
        await execute(session, notice_queries.QUIET, notice_ids=[one["notice_id"] for one in notices])


def _draft(
    alert: Any,  # noqa: ANN401 - a row
    body: Body,
    alarms: Sequence[rules.Alarm],
    state: rules.Standing,
    *,
    here: int | None,
    now: datetime,
) -> Draft:
    kind, subject = alert["kind"], alert["subject_code"]
    lead = rules.leading(alarms, state)
    facts = rules.evidence(lead, state, kind=kind, subject=subject, here=here)
    texts = both(
        f"{kind}.{state}",
        {
            "outcome": lead.outcome,
            "subject": subject,
            "collected": f"{lead.collected_at:%Y-%m-%d %H:%M}",
            "lab_code": lead.lab_code,
            "conflict": lead.conflict,
            "members": lead.members,
            "members_here": here,
        },
    )
    person = kind == "alert.positive" and alert["subject_type"] == "person" and lead.person_ids
    return draft_to(
        body,
        kind=kind,
        key=str(alert["alert_id"]),
        subject=(alert["subject_type"], subject),
        content=Content(**texts, evidence=facts),
        as_of=now,
        urgent=True,
        source_id=alert["alert_id"],
        person_id=lead.person_ids[0] if person else None,
    )


def _alarm(row: Any) -> rules.Alarm:  # noqa: ANN401 - a row
    return rules.Alarm(
        result_id=row["result_id"],
        outcome=row["outcome"],
        verdict=row["verdict"],
        person_ids=tuple(row["person_ids"]),
        unit_code=row["unit_code"],
        lab_code=row["lab_code"],
        collected_at=row["collected_at"].astimezone(SHANGHAI),
        tested_at=row["tested_at"].astimezone(SHANGHAI),
        members=row["members"],
        members_unknown=row["members_unknown"],
        conflict=row["conflict"],
    )
