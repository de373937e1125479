"""Settings of the services that call other people's addresses."""

from pathlib import Path

from pydantic import Field, IPvAnyNetwork

from shared.settings import Settings


class WebhookSettings(Settings):
    """Where may be called, and how long a call may take."""

    webhook_networks: tuple[IPvAnyNetwork, ...] = Field(
        (), description="networks in which laboratories and bodies may be called; none: nobody is"
    )
    webhook_plain_http: bool = Field(
        default=False, description="also call http, on a network that nobody else reaches"
    )
    webhook_ca_file: Path | None = Field(None, description="certificates of a network's own authority")
    webhook_timeout_seconds: float = Field(5, gt=0, le=60, description="of one call (reliability §5)")
