"""Makes the channels that the settings name."""

from notifier.channels.gateway import GatewayChannel
from notifier.channels.outbox import OutboxChannel
from notifier.channels.protocol import Channel
from notifier.settings import NotifierSettings
from shared.context import Context


def open_channels(context: Context[NotifierSettings]) -> dict[str, Channel]:
    """Return the channels by name; ValueError for one that is unknown or not set up."""
    settings = context.settings
    channels: dict[str, Channel] = {}
    for name in settings.channels:
        if name == "file":
            channels[name] = OutboxChannel(settings.data_dir / "outbox")
        elif name == "gateway" and settings.gateway_url:
            channels[name] = GatewayChannel(
                context.http,
                url=settings.gateway_url,
                token=settings.gateway_token,
                timeout=settings.gateway_timeout_seconds,
            )
        else:
            message = f"channel {name} is unknown or lacks its settings"
            raise ValueError(message)
    return channels
