"""A generic HTTP gateway for short messages. The delivery id is its idempotency key."""

import asyncio
from typing import Final

import httpx

from notifier.channels.protocol import Outcome, Outgoing
from notifier.channels.rules import result_of

LONGEST_REFERENCE: Final = 100


class GatewayChannel:
    """Posts JSON; whatever may have been taken counts as unknown and is posted again."""

    def __init__(self, client: httpx.AsyncClient, *, url: str, token: str | None, timeout: float) -> None:
        self._client = client
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.seconds = timeout

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Post one delivery."""
        if outgoing.phone is None:
            return Outcome("refused", error="no_phone")
        body = {
            "delivery_id": str(outgoing.delivery_id),
            "to": outgoing.phone,
            "template": outgoing.kind.partition(".")[0],
            "urgent": outgoing.urgent,
            "text": outgoing.text,
        }
        headers = {**self._headers, "Idempotency-Key": str(outgoing.delivery_id)}
        try:
            async with asyncio.timeout(self.seconds):  # httpx's own is for each phase
                answer = await self._client.post(
                    self._url, json=body, headers=headers, timeout=self.seconds, follow_redirects=False
                )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Outcome("failed", error="unreachable")
        except (httpx.HTTPError, TimeoutError) as error:
            return Outcome("unknown", error=type(error).__name__)
        return _outcome(answer)


def _outcome(answer: httpx.Response) -> Outcome:
    result = result_of(answer.status_code)
    if result == "sent":
        return Outcome(result, reference=_reference(answer))
    return Outcome(result, error=f"http_{answer.status_code}")


def _reference(answer: httpx.Response) -> str | None:
    try:
        reference = answer.json().get("message_id")
    except (ValueError, AttributeError):
        return None
    return reference if isinstance(reference, str) and len(reference) <= LONGEST_REFERENCE else None
