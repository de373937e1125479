"""A body's own address: a signed call under the delivery's id, as laboratories get them of their batches."""

from typing import Any

import httpx
import msgspec

from notifier.channels.protocol import Outcome, Outgoing
from notifier.channels.rules import result_of
from notifier.settings import NotifierSettings
from shared.clock import SHANGHAI
from shared.context import Context
from shared.webhooks.calling import call
from shared.webhooks.targets import LOOK_UP_SECONDS


class WebhookChannel:
    """Calls where the body has said; an address that may not be called is refused."""

    def __init__(self, context: Context[NotifierSettings], http: httpx.AsyncClient) -> None:
        self._context = context
        self._http = http
        self.seconds = context.settings.webhook_timeout_seconds + LOOK_UP_SECONDS

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Call once."""
        if outgoing.hook is None:
            return Outcome("refused", error="no_webhook")
        called = await call(
            self._context,
            self._http,
            outgoing.hook.url,
            event_id=str(outgoing.delivery_id),
            at=outgoing.at,
            body=msgspec.json.encode(event_of(outgoing)),
            secrets=outgoing.hook.secrets,
            attempt=outgoing.attempt,
        )
        if called.status is not None:
            return Outcome(result_of(called.status), error=called.error)
        if called.error == "webhook_target_refused":
            return Outcome("refused", error=called.error)
        return Outcome("unknown" if called.reached else "failed", error=called.error)


def event_of(outgoing: Outgoing) -> dict[str, Any]:
    """Return what a body is told: that there is a notice, and where it can be read."""
    return {
        "type": f"notice.{outgoing.reason}",
        "event_id": str(outgoing.delivery_id),
        "notice_id": str(outgoing.notice_id),
        "kind": outgoing.kind.partition(".")[0],
        "urgent": outgoing.urgent,
        "sequence": outgoing.sequence,
        "recipient": {"type": outgoing.recipient_type, "code": outgoing.recipient_code},
        "as_of": outgoing.at.astimezone(SHANGHAI).isoformat(),
        "text": outgoing.text,
        "links": {"notices": f"/v1/notices?recipient_code={outgoing.recipient_code}"},
    }
