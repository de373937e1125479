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
from shared.db import Session, execute, fetch_all
from shared.ids import new_ids

Notifier = Context[NotifierSettings]
TEXT_CONTEXT = "notice.text"
STEP_CONTEXT = "notice.step"


async def issue(session: Session, context: Notifier, drafts: Sequence[Draft], *, now: datetime) -> list[UUID]:
    """Insert the notices that are new, queue their first delivery, and return their ids."""
    if not drafts:
        return []
    drafts = await worded(session, context, drafts, today=day_of(now))
    sealed_owners = await owners(session, context, (draft.kind for draft in drafts), today=day_of(now))
    sorts = [Sort(draft.recipient_type, draft.kind, draft.urgent) for draft in drafts]
    ways = ways_of(context.settings, sorts, now=now)
    rows = await fetch_all(
        session,
        queries.ISSUE,
        now=now,
        notice_ids=new_ids(now, len(drafts)),
        kinds=[draft.kind for draft in drafts],
        dedupe_keys=[draft.dedupe_key for draft in drafts],
        source_ids=[draft.source_id for draft in drafts],
        recipient_types=[draft.recipient_type for draft in drafts],
        recipient_codes=[draft.recipient_code for draft in drafts],
        placeholders=[draft.placeholder for draft in drafts],
        subject_types=[draft.subject_type for draft in drafts],
        subject_codes=[draft.subject_code for draft in drafts],
        person_ids=[draft.person_id for draft in drafts],
        urgents=[draft.urgent for draft in drafts],
        as_ofs=[draft.as_of for draft in drafts],
        ack_due_ats=[ack_due(context.settings, draft, now=now) for draft in drafts],
        sealeds=_seal_each(context, drafts),
        owners=[sealed_owners.get(draft.kind) for draft in drafts],
        numbers=[draft.number for draft in drafts],
        levels=[draft.level for draft in drafts],
        chased=list(context.settings.chased_kinds),
        delivery_ids=new_ids(now, sum(len(ways[sort]) for sort in sorts)),
        **columns_of(ways),
    )
    if rows:
        _ring(session, context, ways, now=now)
    return [row["notice_id"] for row in rows]


async def worded(
    session: Session,
    context: Notifier,
    drafts: Sequence[Draft],
    *,
    today: date,
    issued_as: Wording | None = None,
) -> list[Draft]:
    """Return the drafts in the wording in force today; what is out already keeps that of `issued_as`."""
    wordings = [draft.content.wording for draft in drafts if draft.content.wording is not None]
    found = await templates.versions_for(
        session, context.settings, wordings, today=today, issued_as=issued_as
    )
    return [_reworded(context.settings, draft, found) for draft in drafts]


def _reworded(settings: NotifierSettings, draft: Draft, versions: Mapping[str, RowMapping]) -> Draft:
    wording = draft.content.wording
    if wording is None or wording.facts is None or wording.key not in versions:
        return draft
    words = templates.words(settings, wording, versions[wording.key])
    return replace(draft, content=replace(draft.content, **words)) if words else draft


def _seal_each(context: Notifier, drafts: Sequence[Draft]) -> list[bytes]:
    """Return each draft's envelope; those that share one content share its envelope."""
    sealed: dict[int, bytes] = {}
    for draft in drafts:
        if id(draft.content) not in sealed:
            sealed[id(draft.content)] = seal(context, draft.content)
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
