"""Keeps ordered tasks and tells whoever has to carry them out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from notifier.contacts.rules import Body
from notifier.contacts.service import directory, known_people
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import address, renew
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, queue, revoke
from notifier.tasks import queries, rules
from notifier.texts.render import both
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value

KINDS: Final = ("task.recheck", "task.resample")


async def record(session: Session, context: Notifier, task: rules.Task) -> None:
    """Keep a task; what comes again for members who became known later is added to it."""
    await execute(
        session,
        queries.ADD,
        kind=task.kind,
        result_id=task.result_id,
        tube_code=task.tube_code,
        site_code=task.site_code,
        unit_code=task.unit_code,
        lab_code=task.lab_code,
        person_ids=list(task.person_ids),
        retained_tubes=list(task.retained_tubes),
        due_at=task.due_at,
        confirm_seconds=context.settings.confirm_seconds,
    )


async def settle(session: Session, context: Notifier, *, kind: str, result_id: UUID, now: datetime) -> None:
    """Issue the notices that this task still owes, as contacts stand now; of a void one revoke them."""
    row = await fetch_one(session, queries.LOCK, kind=kind, result_id=result_id)
    if row is None:
        return
    if rules.is_void(await fetch_value(session, queries.VERDICT, result_id=result_id)):
        out = await fetch_all(session, notice_queries.OF_SOURCE, source_id=result_id)
        await revoke(session, context, [notice for notice in out if notice["kind"] == kind], now=now)
        return
    task = _task(row)
    found = await directory(session, person_ids=task.person_ids, unit_codes=[task.unit_code])
    known = await known_people(session, context, person_ids=task.person_ids)
    codes = {one: known[one].code if one in known else str(one) for one in task.person_ids}
    drafts = [
        _draft(task, body, codes, here=rules.people_of(body, task.person_ids, found), now=now)
        for body in rules.bodies(task, found)
    ]
    by_recipient = {(draft.recipient_type, draft.recipient_code): draft for draft in drafts}
    notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=result_id)
    mine = [notice for notice in notices if notice["kind"] == kind]
    for notice in await address(session, context, mine, drafts, now=now):
        draft = by_recipient.get((notice["recipient_type"], notice["recipient_code"]))
        old = await renew(session, context, notice, draft) if draft else None
        if draft and old and len(old.evidence["people"]) < len(draft.content.evidence["people"]):
            await queue(session, context, [notice], now=now, reason="update")


def _draft(
    task: rules.Task, body: Body, codes: Mapping[UUID, str], *, here: Sequence[UUID], now: datetime
) -> Draft:
    subject = _subject(task, sorted(codes.values()))
    texts = both(
        task.kind,
        {
            "subject": subject[1],
            "tube_code": task.tube_code,
            "members": len(codes),
            "retained_tubes": task.retained_tubes,
            "due": f"{task.due_at:%Y-%m-%d %H:%M}" if task.due_at else "",
        },
    )
    return draft_to(
        body,
        kind=task.kind,
        key=str(task.result_id),
        subject=subject,
        content=Content(**texts, evidence=rules.evidence(task, sorted(codes[one] for one in here))),
        as_of=now,
        urgent=task.kind == "task.recheck",
        source_id=task.result_id,
        person_id=task.person_ids[0] if subject[0] == "person" else None,
    )


def _subject(task: rules.Task, codes: list[str]) -> tuple[str, str]:
    if task.tube_code is not None:
        return "tube", task.tube_code
    if len(codes) == 1:
        return "person", codes[0]
    return "unit", task.unit_code or str(task.result_id)


def _task(row: Any) -> rules.Task:  # noqa: ANN401 - a row
    return rules.Task(
        kind=row["kind"],
        result_id=row["result_id"],
        tube_code=row["tube_code"],
        site_code=row["site_code"],
        unit_code=row["unit_code"],
        lab_code=row["lab_code"],
        person_ids=tuple(row["person_ids"]),
        retained_tubes=tuple(row["retained_tubes"]),
        due_at=row["due_at"].astimezone(SHANGHAI) if row["due_at"] else None,
    )
