"""Issues notices once, whatever is redelivered, and carries out the steps on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.bell import ring_after_commit
from notifier.duties.service import owners
from notifier.notices import queries
from notifier.notices.rules import Content, Draft
from notifier.notices.ways import Sort, Ways, columns_of, ways_of
from notifier.quiet.rules import after_workdays
from notifier.quiet.workdays import is_workday
from notifier.settings import NotifierSettings
from notifier.templates import service as templates
from notifier.texts.text import Wording, Words
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_many
from shared.ids import new_ids

Notifier = Context[NotifierSettings]
TEXT_CONTEXT = "notice.text"
STEP_CONTEXT = "notice.step"


async def issue(session: Session, context: Notifier, drafts: Sequence[Draft], *, now: datetime) -> list[UUID]:
    """Insert the notices that are new, queue their first delivery, and return their ids."""
    if not drafts:
        return []
    today = day_of(now)
    drafts = await worded(session, context, drafts, today=today)
    groups = list(_alike(drafts).values())
    heads = [group[0] for group in groups]
    sealed_owners = await owners(session, context, (head.kind for head in heads), today=today)
    sorts = [Sort(head.recipient_type, head.kind, head.urgent) for head in heads]
    ways = ways_of(context.settings, sorts, now=now)
    each = [(number, draft) for number, group in enumerate(groups, 1) for draft in group]
    rows = await fetch_many(
        session,
        queries.ISSUE,
        now=now,
        chased=list(context.settings.chased_kinds),
        notice_ids=new_ids(now, len(each)),
        dedupe_keys=[draft.dedupe_key for _, draft in each],
        recipient_codes=[draft.recipient_code for _, draft in each],
        person_ids=[draft.person_id for _, draft in each],
        saying=[number for number, _ in each],
        kinds=[head.kind for head in heads],
        source_ids=[head.source_id for head in heads],
        recipient_types=[head.recipient_type for head in heads],
        placeholders=[head.placeholder for head in heads],
        subject_types=[head.subject_type for head in heads],
        subject_codes=[head.subject_code for head in heads],
        urgents=[head.urgent for head in heads],
        as_ofs=[head.as_of for head in heads],
        ack_due_ats=[ack_due(context.settings, head, now=now) for head in heads],
        sealeds=_seal_each(context, heads),
        owners=[sealed_owners.get(head.kind) for head in heads],
        numbers=[head.number for head in heads],
        levels=[head.level for head in heads],
        delivery_ids=new_ids(
            now, sum(len(ways[sort]) * len(group) for sort, group in zip(sorts, groups, strict=True))
        ),
        **columns_of(ways),
    )
    if rows:
        _ring(session, context, ways, now=now)
    return [row["notice_id"] for row in rows]


def _alike(drafts: Sequence[Draft]) -> dict[tuple[object, ...], list[Draft]]:
    """Return the drafts by what they say: of a flood of reminders that is the same for nearly all."""
    groups: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.said(), []).append(draft)
    return groups


async def worded(
    session: Session,
    context: Notifier,
    drafts: Sequence[Draft],
    *,
    today: date,
    issued_as: Wording | None = None,
) -> list[Draft]:
    """Return the drafts in the wording in force today; what is out already keeps that of `issued_as`.

    Drafts that share a content share the content that it becomes.
    """
    contents = {id(draft.content): draft.content for draft in drafts}
    wordings = [each.wording for each in contents.values() if each.wording is not None]
    found = await templates.versions_for(
        session, context.settings, wordings, today=today, issued_as=issued_as
    )
    if not found:
        return list(drafts)
    new = {key: _reworded(context.settings, content, found) for key, content in contents.items()}
    return [replace(draft, content=new[id(draft.content)]) for draft in drafts]


def _reworded(settings: NotifierSettings, content: Content, versions: Mapping[str, RowMapping]) -> Content:
    wording = content.wording
    if wording is None or wording.facts is None or wording.key not in versions:
        return content
    words = templates.words(settings, wording, versions[wording.key])
    return replace(content, **words) if words else content


def _seal_each(context: Notifier, drafts: Sequence[Draft]) -> list[bytes]:
    """Return each draft's envelope; those that share one content share its envelope."""
    contents = {id(draft.content): draft.content for draft in drafts}
    sealed = {key: seal(context, content) for key, content in contents.items()}
    return [sealed[id(draft.content)] for draft in drafts]


def ack_due(settings: NotifierSettings, draft: Draft, *, now: datetime) -> datetime | None:
    """Return until when a notice must be acknowledged (1H.10), on the business clock."""
    if not draft.acknowledge:
        return None
    if draft.urgent:
        return now + timedelta(minutes=settings.ack_minutes)
    return after_workdays(now, settings.ack_workdays, is_workday)


async def queue(
    session: Session, context: Notifier, notices: Sequence[Any], *, now: datetime, reason: str
) -> None:
    """Queue one more delivery of each notice by the channels of its route.

    The notices are rows with `notice_id`, `kind`, `urgent` and `recipient_type`.
    """
    sorts = [Sort(notice["recipient_type"], notice["kind"], notice["urgent"]) for notice in notices]
    ways = ways_of(context.settings, sorts, now=now)
    pairs = [(notice, way) for notice, sort in zip(notices, sorts, strict=True) for way in ways[sort]]
    if not pairs:
        return
    await execute(
        session,
        queries.QUEUE,
        reason=reason,
        delivery_ids=new_ids(now, len(pairs)),
        notice_ids=[notice["notice_id"] for notice, _ in pairs],
        channels=[way.channels for _, way in pairs],
        urgents=[notice["urgent"] for notice, _ in pairs],
        not_befores=[way.not_before for _, way in pairs],
    )
    _ring(session, context, ways, now=now)


def _ring(session: Session, context: Notifier, ways: Ways, *, now: datetime) -> None:
    """Wake the senders once there is something for them; what is quiet yet they find when its time comes."""
    for urgent in {sort.urgent for sort, rows in ways.items() if any(way.may_go(now) for way in rows)}:
        ring_after_commit(session, context.db, urgent=urgent)


def seal(context: Notifier, content: Content) -> bytes:
    """Return text and evidence, sealed."""
    return context.sealer.seal_json(content.as_json(), context=TEXT_CONTEXT)


async def reword(session: Session, context: Notifier, *, notice_id: UUID, content: Content) -> None:
    """Put another text and evidence on a notice; its subject and its time stay."""
    await execute(session, queries.REWORD, notice_id=notice_id, sealed=seal(context, content))


async def put_before(
    session: Session, context: Notifier, notice: RowMapping, shipped: Words, *, now: datetime
) -> None:
    """Put words before what a notice says (a row with `notice_id`, `sealed`); its evidence stays."""
    old = Content.from_json(context.sealer.open_json(notice["sealed"], context=TEXT_CONTEXT))
    said = await templates.in_force(session, context.settings, shipped, today=day_of(now))
    content = replace(old, zh=said["zh"] + old.zh, en=f"{said['en']} {old.en}")
    await reword(session, context, notice_id=notice["notice_id"], content=content)


async def rewrite(session: Session, context: Notifier, *, notice_id: UUID, draft: Draft) -> None:
    """Put a draft's text, evidence and subject on a notice."""
    await execute(
        session,
        queries.REWRITE,
        notice_id=notice_id,
        sealed=seal(context, draft.content),
        as_of=draft.as_of,
        subject_code=draft.subject_code,
    )


async def revoke(
    session: Session,
    context: Notifier,
    notices: Sequence[Any],
    *,
    now: datetime,
    client_id: str | None = None,
    step: dict[str, str] | None = None,
) -> None:
    """Revoke notices: what is queued is not sent any more, and whoever was told is told of it."""
    ids = [notice["notice_id"] for notice in notices]
    revoked = await fetch_all(
        session,
        queries.REVOKE,
        notice_ids=ids,
        now=now,
        client_id=client_id,
        revocation=context.sealer.seal_json(step, context=STEP_CONTEXT) if step else None,
    )
    done = {row["notice_id"] for row in revoked}
    await execute(session, queries.DROP_QUEUED, notice_ids=sorted(done))
    told = [one for one in notices if one["notice_id"] in done and one["status"] != "queued"]
    await queue(session, context, told, now=now, reason="revocation")


async def reopen(session: Session, context: Notifier, notices: Sequence[Any], *, now: datetime) -> None:
    """Take back a revocation that followed from a review or a correction, never an administrator's."""
    await execute(
        session,
        queries.REOPEN,
        notice_ids=[notice["notice_id"] for notice in notices],
        repeat_at=now + timedelta(minutes=context.settings.ack_minutes),
    )
    await queue(session, context, notices, now=now, reason="update")
