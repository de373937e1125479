"""Holds back what is over a recipient's cap of the day, and tells of it together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping as Row

from notifier.bell import ring_after_commit
from notifier.caps import queries
from notifier.caps.rules import digest_due, last_of, over_cap
from notifier.settings import NotifierSettings
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all

REMEMBERED: Final = timedelta(days=7)


async def within_caps(
    session: Session, settings: NotifierSettings, rows: Sequence[Row], *, now: datetime
) -> Sequence[Row]:
    """Count first hand-overs and return what may go; the rest waits for the digest. Urgent ones always go."""
    counted: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        first = not row["urgent"] and row["attempt"] == 1 and row["reason"] != "digest"
        if first and row["recipient_type"] in settings.daily_caps and row["status"] != "revoked":
            counted[row["recipient_type"], row["recipient_code"]].append(row)
    if not counted:
        return rows
    told = await fetch_all(
        session,
        queries.COUNT,
        channel=rows[0]["channel"],
        day=day_of(now),
        recipient_types=[row["recipient_type"] for group in counted.values() for row in group],
        recipient_codes=[row["recipient_code"] for group in counted.values() for row in group],
    )
    too_many: dict[Any, int] = {}
    for row in told:
        key = row["recipient_type"], row["recipient_code"]
        too_many[key] = over_cap(row["told"], len(counted[key]), settings.daily_caps[row["recipient_type"]])
    held = {row["delivery_id"] for row in last_of(counted, too_many)}
    if not held:
        return rows
    due = digest_due(now, settings.digest_at)
    await execute(session, queries.HOLD, delivery_ids=sorted(held), not_before=due)
    return [row for row in rows if row["delivery_id"] not in held]


async def tell_together(session: Session, context: Context[NotifierSettings]) -> bool:
    """Queue one message for all that was held back of a recipient."""
    now = await context.clock.now(session)
    if await fetch_all(session, queries.DIGEST, now=now):
        ring_after_commit(session, context.db, urgent=False)
    await execute(session, queries.FORGET, day=day_of(now) - REMEMBERED)
    return False


async def bring_along(session: Session, rows: Sequence[Row], gone_on: Mapping[UUID, UUID]) -> Sequence[Row]:
    """Bring what a digest told of to where the digest is; return the deliveries that moved."""
    digests = [row["delivery_id"] for row in rows if row["reason"] == "digest"]
    if not digests:
        return []
    moved = {old: gone_on[old] for old in digests if old in gone_on}
    if moved:
        await execute(session, queries.FOLLOW, old_ids=list(moved), delivery_ids=list(moved.values()))
    return await fetch_all(session, queries.BRING_ALONG, carriers=digests)
