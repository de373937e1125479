"""Makes the channels that the settings name, each with its circuit, once for a process."""

from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from notifier.channels.bots import BotsChannel
from notifier.channels.circuit import Circuit
from notifier.channels.gateway import GatewayChannel
from notifier.channels.hook import WebhookChannel
from notifier.channels.outbox import OutboxChannel
from notifier.channels.protocol import Channel
from notifier.channels.smtp import SmtpChannel
from notifier.settings import NotifierSettings
from shared.context import Context
from shared.db import Database
from shared.webhooks.calling import open_http

AT_ONCE: Final = 20
# Beyond the longest hand-over: then a claim is taken for that of a process that was killed.
SPARE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Way:
    """A channel as the senders know it: how much at once, for how long, and whether it rests."""

    name: str
    channel: Channel
    circuit: Circuit
    at_once: int
    lease: float


_WAYS: WeakKeyDictionary[Database, dict[str, Way]] = WeakKeyDictionary()


def ways_of(context: Context[NotifierSettings]) -> dict[str, Way]:
    """Return the channels of this process by name."""
    found = _WAYS.get(context.db)
    if found is None:
        found = _WAYS[context.db] = {name: _way(context, name) for name in context.settings.channels}
    return found


def _way(context: Context[NotifierSettings], name: str) -> Way:
    settings = context.settings
    channel = _channel(context, name)
    return Way(
        name=name,
        channel=channel,
        circuit=Circuit(failures=settings.circuit_failures, seconds=settings.circuit_seconds),
        at_once=max(1, settings.channel_at_once.get(name, AT_ONCE)),
        lease=max(settings.delivery_lease_seconds, channel.seconds + SPARE_SECONDS),
    )


def _channel(context: Context[NotifierSettings], name: str) -> Channel:
    settings = context.settings
    if name == "file":
        return OutboxChannel(settings.data_dir / "outbox")
    if name == "gateway":
        return GatewayChannel(
            context.http,
            url=settings.gateway_url or "",
            token=settings.gateway_token,
            timeout=settings.gateway_timeout_seconds,
        )
    if name == "smtp":
        return SmtpChannel(settings)
    if name == "webhook":
        return WebhookChannel(context, open_http(context))
    if name == "bots":
        return BotsChannel(timeout=settings.bot_timeout_seconds)
    message = f"channel {name} is unknown"
    raise ValueError(message)
