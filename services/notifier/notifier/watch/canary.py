"""Canaries: every few minutes one message by each channel to the operator, by the senders' own way."""

import asyncio
import time
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from notifier.channels.opening import Way, ways_of
from notifier.channels.protocol import CANARY, Hook, Outcome, Outgoing
from notifier.channels.state import keep_state
from notifier.notices.service import Notifier
from notifier.settings import NotifierSettings
from notifier.texts.render import message
from notifier.watch import queries
from shared.db import Session, execute, fetch_value
from shared.ids import new_id
from shared.webhooks.rules import secret_bytes

LOOK_SECONDS: Final = 1.0
SECONDS_A_MINUTE: Final = 60.0
OPERATOR: Final = "operator"
_log = structlog.get_logger()


async def send_canaries(context: Notifier) -> None:
    """Send a canary by each channel for ever; none where no operator's address is set for it."""
    if not context.settings.canary_minutes:
        return
    look = min(LOOK_SECONDS * 10, context.settings.canary_minutes * SECONDS_A_MINUTE / 4)
    while True:
        ways = [way for way in ways_of(context).values() if has_address(context.settings, way.name)]
        await asyncio.gather(*(_send_if_due(context, way) for way in ways))
        await asyncio.sleep(max(look, LOOK_SECONDS / 10))


def has_address(settings: NotifierSettings, channel: str) -> bool:
    """Say whether a channel's canary has somewhere to go."""
    return {
        "file": True,
        "gateway": settings.operator_phone is not None,
        "smtp": settings.operator_email is not None,
        "webhook": settings.operator_webhook_url is not None,
        "bots": OPERATOR in settings.bot_urls,
    }[channel]


async def _send_if_due(context: Notifier, way: Way) -> None:
    canary_id = new_id(await context.db.run(context.clock.now))
    seconds = context.settings.canary_minutes * SECONDS_A_MINUTE

    async def claim(session: Session) -> datetime | None:
        which = {"channel": way.name, "canary_id": canary_id}
        due: datetime | None = await fetch_value(session, queries.DUE, **which, seconds=seconds)
        return due

    at = await context.db.run(claim)
    if at is None:
        return
    settings = context.settings
    secret, url = settings.operator_webhook_secret or "", settings.operator_webhook_url
    outgoing = Outgoing(
        delivery_id=canary_id,
        notice_id=canary_id,
        kind=CANARY,
        reason=CANARY,
        sequence=0,
        recipient_type=OPERATOR,
        recipient_code=OPERATOR,
        urgent=False,
        text=message(CANARY, CANARY),
        at=at,
        phone=settings.operator_phone,
        email=settings.operator_email,
        hook=None if url is None else Hook(url, (secret_bytes(secret),)),
        bots=settings.bot_urls.get(OPERATOR, ()),
    )
    outcome = await _handed(way, outgoing)
    way.circuit.learn(outcome.result, time.monotonic())
    await context.db.run(partial(_keep, way=way, canary_id=canary_id, outcome=outcome))


async def _handed(way: Way, outgoing: Outgoing) -> Outcome:
    try:
        return await way.channel.send(outgoing)
    except Exception:  # noqa: BLE001 - one channel's fault must not keep the others' canaries
        _log.exception("channel_failed", channel=way.name)
        return Outcome("unknown", error="channel_failed")


async def _keep(session: Session, *, way: Way, canary_id: UUID, outcome: Outcome) -> None:
    error = None if outcome.result in ("sent", "delivered") else outcome.error or outcome.result
    await execute(session, queries.SENT, channel=way.name, canary_id=canary_id, error=error)
    await keep_state(session, way, [outcome])
