"""Keeps what came of handing over: attempts, deliveries, their notices, and where a delivery goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping as Row

from notifier.bell import ring_after_commit
from notifier.caps import service as caps
from notifier.channels.protocol import Outcome
from notifier.notices.service import Notifier
from notifier.sending import queries
from notifier.sending.rules import state_after
from notifier.settings import NotifierSettings
from shared.db import Session, execute, fetch_all
from shared.ids import new_id
from shared.retry import Again, after_failure


@dataclass(frozen=True, slots=True)
class Done:
    """What one attempt came to, and after how many seconds another follows."""

    delivery_id: UUID
    attempt: int
    state: str
    error: str | None
    reference: str | None
    seconds: float


def done_of(settings: NotifierSettings, row: Row, outcome: Outcome | None) -> Done:
    """Return what follows an outcome; None: it need not be sent any more."""
    known = outcome or Outcome("refused", error="dropped")
    most = settings.delivery_attempts
    if row["next_channels"]:
        most = min(most, settings.fallback_attempts)
    later = after_failure(row["attempt"], max_attempts=most)
    again = isinstance(later, Again) and known.result in ("unknown", "failed")
    return Done(
        delivery_id=row["delivery_id"],
        attempt=row["attempt"],
        state="dropped" if outcome is None else state_after(known.result, again=again),
        error=known.error,
        reference=known.reference,
        seconds=later.seconds if isinstance(later, Again) and again else 0.0,
    )


async def record(
    session: Session, context: Notifier, done: Sequence[Done], *, token: UUID, now: datetime
) -> None:
    """Keep the attempts and bring deliveries and notices on."""
    which = {
        "delivery_ids": [one.delivery_id for one in done],
        "states": [one.state for one in done],
        "errors": [one.error for one in done],
    }
    kept = await fetch_all(
        session,
        queries.RECORD,
        token=token,
        references=[one.reference for one in done],
        seconds=[one.seconds for one in done],
        **which,
    )
    await execute(session, queries.ATTEMPTS, attempts=[one.attempt for one in done], **which)
    gone_on = await go_on(session, context, kept, now=now)
    told = [*kept, *await caps.bring_along(session, kept, gone_on)]
    for status in ("sent", "delivered"):
        if ids := sorted({row["notice_id"] for row in told if row["state"] == status}):
            await execute(session, queries.HANDED, notice_ids=ids, status=status)
    if failed := sorted({row["notice_id"] for row in told if row["state"] == "failed"}):
        await execute(session, queries.FAILED, notice_ids=failed)


async def go_on(
    session: Session, context: Notifier, rows: Sequence[Row], *, now: datetime
) -> dict[UUID, UUID]:
    """Queue what failed by the next channel of its route; return the new deliveries by the old."""
    failed = [row["delivery_id"] for row in rows if row["state"] == "failed" and row["next_channels"]]
    if not failed:
        return {}
    following = {old: new_id(now) for old in failed}
    await execute(session, queries.GO_ON, delivery_ids=list(following.values()), old_ids=failed)
    for urgent in (True, False):
        ring_after_commit(session, context.db, urgent=urgent)
    return following
