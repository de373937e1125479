"""Tells results-ingest what the platform has shown: who waits there, and up to when everything is shown.

A moment is confirmed once all that was sent before it is applied here; then whoever changed stands in the
feed or is pending. It is told with the next look, after those people have been named, so that nobody's result
is taken for shown in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.feed import showing_queries as queries
from registry.feed.cursors import FEED
from shared.bus.publishing import publish, publish_all
from shared.bus.types import Schedule
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, json_of
from shared.messages import DisplayFailed, StatusesNumbered, StatusesShown

BLOCKS_AT_ONCE: Final = 20
ACKS_AT_ONCE: Final = 100
IDLE: Final = timedelta(minutes=5)
"""So often a moment is told even if nothing changes: some results change nobody's status."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far telling has come; `candidate_*` is the moment that is to be confirmed next."""

    told_seq: int
    acknowledged: int
    told_ack: int
    candidate_at: datetime | None
    candidate_real: datetime | None
    candidate_xid: str | None
    confirmed_at: datetime | None
    told_at: datetime | None


async def tell(session: Session, context: Context[Any]) -> bool:
    """Tell what is new since the last look; True if there may be more."""
    now = await context.clock.now(session)
    if await fetch_value(session, queries.AT_REST, stale=now - IDLE):
        return False
    row = await fetch_one(session, queries.TAKE)
    if row is None:
        return False
    stood = dict(row)
    head = stood.pop("head")
    before = Progress(**stood)
    progress, failed = await _acknowledged(session, before, head=head)
    if not progress.acknowledged:
        # Nobody follows yet: nothing is shown, and naming everybody who changes would cost for nothing.
        if failed:
            await publish(session, StatusesShown(0, None, None, failed), now=now)
        await _keep(session, progress)
        return False
    progress = replace(progress, told_at=before.confirmed_at)
    said = progress.acknowledged, progress.told_at
    if failed or said != (before.acknowledged, before.told_at):
        since = None if before.told_at is None else before.told_at.isoformat()
        watermark = None if progress.told_at is None else progress.told_at.isoformat()
        await publish(session, StatusesShown(progress.acknowledged, watermark, since, failed), now=now)
    progress, more = await _number(session, context, progress, head=head, now=now)
    await _keep(session, progress)
    return more


async def _keep(session: Session, progress: Progress) -> None:
    await execute(session, queries.KEEP, **{name: getattr(progress, name) for name in progress.__slots__})


async def _acknowledged(
    session: Session, progress: Progress, *, head: int
) -> tuple[Progress, tuple[DisplayFailed, ...]]:
    """Take in what the platform has said since: how far it is, and whom it could not show."""
    acks = await fetch_all(session, queries.ACKNOWLEDGED, told_ack=progress.told_ack, limit=ACKS_AT_ONCE)
    codes: dict[str, str] = {}
    reached = progress.acknowledged
    for ack in acks:
        codes |= {each["health_code_id"]: each["code"] for each in json_of(ack["failed"])}
        # A snapshot that is under way has shown some people only; its end has a place in the feed.
        if ack["phase"] == FEED:
            reached = max(reached, min(ack["seq"], head))
    people = await fetch_all(session, queries.PERSONS, codes=sorted(codes)) if codes else []
    failed = tuple(DisplayFailed(row["person_id"], codes[row["health_code_id"]]) for row in people)
    told_ack = acks[-1]["ack_id"] if acks else progress.told_ack
    return replace(progress, acknowledged=reached, told_ack=told_ack), failed


async def _number(
    session: Session, context: Context[Any], progress: Progress, *, head: int, now: datetime
) -> tuple[Progress, bool]:
    """Name who waits for the platform; confirm the candidate if nothing from before it is under way."""
    applied = progress.candidate_at is not None and await fetch_value(
        session, queries.APPLIED, xid=progress.candidate_xid, real=progress.candidate_real
    )
    # Before the blocks: who is numbered in between stands in them, who is not is among these.
    pending = await fetch_all(session, queries.PENDING) if applied else []
    told_seq = max(progress.told_seq, progress.acknowledged)  # of what is shown nobody waits
    blocks = await fetch_all(session, queries.BLOCKS, told_seq=told_seq, limit=BLOCKS_AT_ONCE)
    waiting = [(row["last_seq"], row["person_ids"]) for row in blocks]
    told_seq = blocks[-1]["last_seq"] if blocks else told_seq
    more = len(blocks) == BLOCKS_AT_ONCE
    waiting += [(max(head, told_seq) + 1, row["person_ids"]) for row in pending]
    since = None if progress.told_at is None else progress.told_at.isoformat()
    told = [
        StatusesNumbered(seq, since, tuple(people))
        for seq, people in waiting
        if seq > progress.acknowledged and people
    ]
    await publish_all(session, told, now=now)
    progress = replace(progress, told_seq=told_seq)
    if progress.candidate_at is not None and (more or not applied):
        return progress, more
    return await _next_candidate(session, context, progress, now=now), more


async def _next_candidate(
    session: Session, context: Context[Any], progress: Progress, *, now: datetime
) -> Progress:
    moment: RowMapping | None = await fetch_one(session, queries.CANDIDATE)
    if moment is None:
        return progress
    # A request reads its time before it writes: what it sent may carry a time shortly before its transaction.
    margin = timedelta(seconds=context.settings.display_margin_seconds)
    return replace(
        progress,
        confirmed_at=progress.candidate_at,
        candidate_at=now - margin,
        candidate_real=moment["real"],
        candidate_xid=moment["xid"],
    )


SCHEDULES: Final[Sequence[Schedule]] = [Schedule("feed.shown", timedelta(seconds=5), tell)]
