"""The senders: claim, commit, hand over, commit the outcome. Nothing is sent inside a transaction.

Each channel has two senders of its own, one for what is urgent: a channel that is slow or dead holds up
neither the others nor the urgent ones.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import structlog
from sqlalchemy import RowMapping as Row

from notifier.bell import bell_of
from notifier.caps.service import within_caps
from notifier.channels.opening import Way, ways_of
from notifier.channels.protocol import Outcome
from notifier.channels.state import keep_state
from notifier.notices.service import Notifier
from notifier.sending import queries
from notifier.sending.addressing import outgoing_of
from notifier.sending.recording import done_of, record
from notifier.templates import service as templates
from notifier.texts.render import message_key
from notifier.texts.text import Text
from shared.bus.scheduling import keep_running
from shared.clock import day_of
from shared.db import Session, fetch_all
from shared.db_errors import is_unavailable
from shared.faults import watched

OUTAGE_SECONDS: Final = 0.5
ORPHAN_SECONDS: Final = 15.0
BATCH: Final = 50
# Handed over by nobody: the channel rests, or is not in use any more; the next of the route gets it.
RESTING: Final = Outcome("refused", error="channel_down")
GONE: Final = Outcome("refused", error="no_channel")
_log = structlog.get_logger()


async def send_urgent(context: Notifier) -> None:
    """Send what is urgent, woken by the commit that queued it."""
    await _by_every_channel(context, urgent=True)


async def send_ordinary(context: Notifier) -> None:
    """Send everything else, when its quiet hours are over."""
    await _by_every_channel(context, urgent=False)


async def _by_every_channel(context: Notifier, *, urgent: bool) -> None:
    async with asyncio.TaskGroup() as group:
        for way in ways_of(context).values():
            group.create_task(keep_running(context, partial(_send_for_ever, way=way, urgent=urgent)))
        group.create_task(keep_running(context, partial(_let_go_for_ever, urgent=urgent)))


async def _send_for_ever(context: Notifier, *, way: Way, urgent: bool) -> None:
    bell = bell_of(context.db)
    while True:
        while await send_due(context, way, urgent=urgent):
            pass
        seconds = context.settings.delivery_poll_seconds
        await bell.wait(urgent=urgent, sender=way.name, seconds=seconds)


async def send_due(context: Notifier, way: Way, *, urgent: bool) -> int:
    """Send one batch of what is due by a channel and return how many deliveries that were."""
    most = way.circuit.may_try(time.monotonic(), way.at_once)
    handed = (
        await _some(context, way.name, urgent=urgent, most=most, lease=way.lease, send=way) if most else 0
    )
    if way.circuit.resting:
        # Whatever has somewhere else to go does not wait for this channel.
        handed += await _some(
            context, way.name, urgent=urgent, most=BATCH, lease=way.lease, send=RESTING, going_on=True
        )
    return handed


async def _let_go_for_ever(context: Notifier, *, urgent: bool) -> None:
    """Give up what was queued for channels that are not in use any more."""
    lease = context.settings.delivery_lease_seconds
    while True:
        for channel in await context.db.run(partial(_orphaned, context)):
            while await _some(context, channel, urgent=urgent, most=BATCH, lease=lease, send=GONE):
                pass
        await asyncio.sleep(ORPHAN_SECONDS)


async def _orphaned(context: Notifier, session: Session) -> list[str]:
    rows = await fetch_all(session, queries.ORPHANED, channels=list(context.settings.channels))
    return [row["channel"] for row in rows]


async def _some(
    context: Notifier,
    channel: str,
    *,
    urgent: bool,
    most: int,
    lease: float,
    send: Way | Outcome,
    going_on: bool = False,
) -> int:
    """Claim some deliveries of a channel, hand them over, and keep what came of it."""
    token = uuid4()

    async def claim(session: Session) -> tuple[int, Sequence[Row], Mapping[str, Text]]:
        now = await context.clock.now(session)
        rows = await fetch_all(
            session,
            queries.CLAIM,
            channel=channel,
            urgent=urgent,
            going_on=going_on,
            now=now,
            limit=most,
            token=token,
            lease=lease,
        )
        if not isinstance(send, Way):
            return len(rows), rows, {}
        keys = {message_key(row["kind"], row["reason"]) for row in rows}
        today = day_of(now)
        texts = await templates.messages(session, context.settings, keys, today=today) if keys else {}
        return len(rows), await within_caps(session, context.settings, rows, now=now), texts

    count, claimed, texts = await context.db.run(claim)
    if claimed:
        await _hand_over_and_keep(context, claimed, texts, send, token)
    return count


async def _hand_over_and_keep(
    context: Notifier, claimed: Sequence[Row], texts: Mapping[str, Text], send: Way | Outcome, token: UUID
) -> None:
    outcomes = await asyncio.gather(*(_hand_over(context, send, row, texts) for row in claimed))
    done = [done_of(context.settings, row, outcome) for row, outcome in zip(claimed, outcomes, strict=True)]

    async def write(session: Session) -> None:
        now = await context.clock.now(session)
        await record(session, context, done, token=token, now=now)
        if isinstance(send, Way):
            await keep_state(session, send, [outcome for outcome in outcomes if outcome is not None])

    await _keep(context, write)


async def _keep(context: Notifier, write: Callable[[Session], Awaitable[None]]) -> None:
    """Keep what came of sending, past a short outage: what was handed over need not be sent again."""
    until = time.monotonic() + context.settings.delivery_lease_seconds
    while True:
        try:
            await context.db.run(write)
        except Exception as error:
            if not is_unavailable(error) or time.monotonic() > until:
                raise
            await asyncio.sleep(OUTAGE_SECONDS)
        else:
            return


async def _hand_over(
    context: Notifier, send: Way | Outcome, row: Row, texts: Mapping[str, Text]
) -> Outcome | None:
    """Return what the channel made of it; None for what need not be sent any more."""
    over = row["status"] == "revoked" and row["reason"] not in ("revocation", "digest")
    if over or (row["status"] == "acknowledged" and row["reason"] == "repeat"):
        return None
    if isinstance(send, Outcome):
        return send
    try:
        outcome = await watched(f"channel {send.name}", send.channel.send)(outgoing_of(context, row, texts))
    except Exception:  # noqa: BLE001 - one channel's fault must not hold up the others' outcomes
        _log.exception("channel_failed", channel=send.name, delivery_id=str(row["delivery_id"]))
        outcome = Outcome("unknown", error="channel_failed")
    send.circuit.learn(outcome.result, time.monotonic())
    return outcome
