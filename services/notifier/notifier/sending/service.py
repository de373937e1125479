"""The senders: claim, commit, hand over, commit the outcome. Nothing is sent inside a transaction."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import RowMapping as Row

from notifier.bell import bell_of
from notifier.channels.opening import open_channels
from notifier.channels.protocol import Channel, Outcome, Outgoing
from notifier.notices.service import Notifier
from notifier.sending import queries
from notifier.sending.rules import state_after
from notifier.templates import service as templates
from notifier.texts.render import message, message_key
from notifier.texts.text import Text
from shared.clock import day_of
from shared.db import Session, execute, fetch_all
from shared.db_errors import is_unavailable
from shared.faults import watched
from shared.retry import Again, after_failure

BATCH: Final = 50
OUTAGE_SECONDS: Final = 0.5
_CONTACTS: Final = {"person": "contact.person", "unit": "contact.unit"}
_log = structlog.get_logger()


async def send_urgent(context: Notifier) -> None:
    """Send what is urgent, woken by the commit that queued it."""
    await _send_for_ever(context, urgent=True)


async def send_ordinary(context: Notifier) -> None:
    """Send everything else, when its quiet hours are over."""
    await _send_for_ever(context, urgent=False)


async def _send_for_ever(context: Notifier, *, urgent: bool) -> None:
    channels = open_channels(context)
    bell = bell_of(context.db)
    while True:
        while await send_due(context, channels, urgent=urgent):
            pass
        await bell.wait(urgent=urgent, seconds=context.settings.delivery_poll_seconds)


async def send_due(context: Notifier, channels: Mapping[str, Channel], *, urgent: bool) -> int:
    """Send one batch of what is due and return how many deliveries that were."""
    token = uuid4()

    async def claim(session: Session) -> tuple[Sequence[Row], Mapping[str, Text]]:
        now = await context.clock.now(session)
        rows = await fetch_all(
            session,
            queries.CLAIM,
            urgent=urgent,
            now=now,
            limit=BATCH,
            token=token,
            lease=context.settings.delivery_lease_seconds,
        )
        keys = {message_key(row["kind"], row["reason"]) for row in rows}
        return rows, await templates.messages(
            session, context.settings, keys, today=day_of(now)
        ) if keys else {}

    claimed, texts = await context.db.run(claim)
    if not claimed:
        return 0
    outcomes = await asyncio.gather(*(_hand_over(context, channels, row, texts) for row in claimed))
    done = [_done(context, row, outcome) for row, outcome in zip(claimed, outcomes, strict=True)]

    async def record(session: Session) -> None:
        await _record(session, done, token=token)

    await _keep(context, record)
    return len(claimed)


async def _keep(context: Notifier, record: Callable[[Session], Awaitable[None]]) -> None:
    """Keep what came of sending, past a short outage: what was handed over need not be sent again."""
    until = time.monotonic() + context.settings.delivery_lease_seconds
    while True:
        try:
            await context.db.run(record)
        except Exception as error:
            if not is_unavailable(error) or time.monotonic() > until:
                raise
            await asyncio.sleep(OUTAGE_SECONDS)
        else:
            return


async def _hand_over(
    context: Notifier, channels: Mapping[str, Channel], row: Row, texts: Mapping[str, Text]
) -> Outcome | None:
    """Return what the channel made of it; None for what need not be sent any more."""
    over = row["status"] == "revoked" and row["reason"] != "revocation"
    if over or (row["status"] == "acknowledged" and row["reason"] == "repeat"):
        return None
    channel = channels.get(row["channel"])
    if channel is None:
        return Outcome("refused", error="no_channel")
    try:
        return await watched(f"channel {row['channel']}", channel.send)(_outgoing(context, row, texts))
    except Exception:  # noqa: BLE001 - one channel's fault must not hold up the others' outcomes
        _log.exception("channel_failed", channel=row["channel"], delivery_id=str(row["delivery_id"]))
        return Outcome("unknown", error="channel_failed")


def _outgoing(context: Notifier, row: Row, texts: Mapping[str, Text]) -> Outgoing:
    phone = None
    if row["channel"] != "file" and row["contact"] is not None:
        sealed_as = _CONTACTS.get(row["recipient_type"], "contact.department")
        phone = context.sealer.open_json(row["contact"], context=sealed_as).get("phone")
    return Outgoing(
        delivery_id=row["delivery_id"],
        notice_id=row["notice_id"],
        kind=row["kind"],
        reason=row["reason"],
        sequence=row["sequence"],
        recipient_type=row["recipient_type"],
        recipient_code=row["recipient_code"],
        urgent=row["urgent"],
        text=message(row["kind"], row["reason"], versions=texts),
        phone=phone,
    )


@dataclass(frozen=True, slots=True)
class _Done:
    """What one attempt came to, and after how many seconds another follows."""

    delivery_id: UUID
    attempt: int
    state: str
    error: str | None
    reference: str | None
    seconds: float


def _done(context: Notifier, row: Row, outcome: Outcome | None) -> _Done:
    known = outcome or Outcome("refused", error="dropped")
    later = after_failure(row["attempt"], max_attempts=context.settings.delivery_attempts)
    again = isinstance(later, Again) and known.result in ("unknown", "failed")
    return _Done(
        delivery_id=row["delivery_id"],
        attempt=row["attempt"],
        state="dropped" if outcome is None else state_after(known.result, again=again),
        error=known.error,
        reference=known.reference,
        seconds=later.seconds if isinstance(later, Again) and again else 0.0,
    )


async def _record(session: Session, done: Sequence[_Done], *, token: UUID) -> None:
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
    for status in ("sent", "delivered"):
        if ids := sorted({row["notice_id"] for row in kept if row["state"] == status}):
            await execute(session, queries.HANDED, notice_ids=ids, status=status)
    if failed := sorted({row["notice_id"] for row in kept if row["state"] == "failed"}):
        await execute(session, queries.FAILED, notice_ids=failed)
