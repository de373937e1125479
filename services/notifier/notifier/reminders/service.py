"""Reminds units and people of a day's stages; what has been told is never told twice."""

from collections.abc import Collection
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from notifier.contacts.service import PERSON_CONTEXT
from notifier.notices.addressing import renew
from notifier.notices.rules import Content, Draft
from notifier.notices.service import Notifier, issue
from notifier.reminders import queries, rules
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_many, fetch_one
from shared.identifiers import mask_name
from shared.messages import UnitEvaluated


async def record(session: Session, context: Notifier, message: UnitEvaluated) -> datetime | None:
    """Keep the stages that are new and return the business time; None if there is none."""
    people = message.people
    rows = await fetch_many(
        session,
        queries.add(context.clock.sql),
        unit_code=message.unit_code or "",
        day=date.fromisoformat(message.day),
        as_of=datetime.fromisoformat(message.as_of),
        person_ids=[one.person_id for one in people],
        category_codes=[one.category_code for one in people],
        due_ons=[date.fromisoformat(one.due_on) for one in people],
        stages=[rules.STAGES[one.stage] for one in people],
        due_states=[one.due_state for one in people],
        health_code_ids=[one.health_code_id for one in people],
    )
    now: datetime | None = rows[0]["now"] if rows else None
    return now and now.astimezone(SHANGHAI)


async def settle(session: Session, context: Notifier, *, unit_code: str, day: date, now: datetime) -> bool:
    """Issue or complete the reminders of a unit's day; False if somebody's contact is yet to come."""
    rows = await fetch_many(session, queries.OF_DAY, unit_code=unit_code, day=day)
    entries = [_entry(context, row, day) for row in rows]
    contents = {}
    for one in entries:
        if one.has_phone and _said(one) not in contents:
            contents[_said(one)] = _personal(one)
    drafts = [_to_person(unit_code, one, contents[_said(one)]) for one in entries if one.has_phone]
    if unit_code:
        for stage, of_stage in groupby(entries, key=lambda one: one.stage):
            drafts.append(_to_unit(unit_code, day, stage, list(of_stage)))
    new = set(await issue(session, context, drafts, now=now))
    for draft in drafts if len(new) < len(drafts) else ():
        if draft.recipient_type == "unit":
            await _complete(session, context, draft, new)
    return all(one.name_masked is not None for one in entries)


async def confirm_later(session: Session, context: Notifier, *, unit_code: str, day: date) -> None:
    """Have a unit's day looked at again when every transaction of this moment has ended."""
    await execute(
        session,
        queries.LOOK_AGAIN,
        unit_code=unit_code,
        day=day,
        confirm_seconds=context.settings.confirm_seconds,
    )


async def _complete(session: Session, context: Notifier, draft: Draft, new: Collection[UUID]) -> None:
    """Bring a unit's reminder up to the day's list; it is not sent again for that."""
    row = await fetch_one(session, queries.NOTICE, kind=draft.kind, dedupe_key=draft.dedupe_key)
    if row is not None and row["notice_id"] not in new:
        await renew(session, context, row, draft)


def _to_unit(unit_code: str, day: date, stage: int, entries: list[rules.Entry]) -> Draft:
    kind = rules.KINDS[stage]
    texts = both(kind, rules.unit_facts(entries))
    return Draft(
        kind=kind,
        dedupe_key=rules.unit_key(unit_code, day),
        recipient_type="unit",
        recipient_code=unit_code,
        subject_type="unit",
        subject_code=unit_code,
        content=Content(**texts, evidence=rules.evidence(entries)),
        as_of=max(one.as_of for one in entries),
    )


def _said(entry: rules.Entry) -> tuple[object, ...]:
    return entry.stage, entry.category_code, entry.due_on


def _personal(entry: rules.Entry) -> Content:
    """Return what people are told who have the same duty on the same day: nothing of it is one person's."""
    due_on = entry.due_on.isoformat()
    texts = both(f"{rules.KINDS[entry.stage]}.person", {"due_on": due_on})
    return Content(**texts, evidence={"category_code": entry.category_code, "due_on": due_on})


def _to_person(unit_code: str, entry: rules.Entry, content: Content) -> Draft:
    return Draft(
        kind=rules.KINDS[entry.stage],
        dedupe_key=rules.period_key(entry),
        recipient_type="person",
        recipient_code=entry.code,
        subject_type="unit" if unit_code else "person",
        subject_code=unit_code or entry.code,
        content=content,
        as_of=entry.as_of,
        acknowledge=False,
        person_id=entry.person_id,
    )


def _entry(context: Notifier, row: Any, day: date) -> rules.Entry:  # noqa: ANN401 - a row
    contact = context.sealer.open_json(row["contact"], context=PERSON_CONTEXT) if row["contact"] else None
    return rules.Entry(
        person_id=row["person_id"],
        code=row["code"],
        name_masked=mask_name(contact["name"]) if contact else None,
        has_phone=bool(contact and contact.get("phone")),
        category_code=row["category_code"],
        due_on=row["due_on"],
        due_state=row["due_state"],
        stage=row["stage"],
        day=day,
        as_of=row["as_of"],
    )
