"""A provider's own HTTP server: keeps what it gets, answers as it is told, signs its receipts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deploy.local.ports import free_port
from shared.clock import SHANGHAI
from shared.webhooks.rules import headers_of
from tests.support.listening import served

# Instead of a status: take it and hang up, or take it and never answer.
DROP, SLOW = -1, -2
SLOW_SECONDS = 3.0
FAULTY = 500


@dataclass
class Provider:
    """What came, and how it is answered: `answers` in turn, then `status` for ever; `lost`: not at all."""

    url: str = ""
    status: int = 202
    answers: list[int] = field(default_factory=list)
    seen: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    holds_ordinary: bool = False
    under_way: int = 0
    most_under_way: int = 0
    lost: int = 0

    @property
    def keys(self) -> list[str]:
        """Return the key of each hand-over, in order."""
        return [headers["idempotency-key"] for headers, _ in self.seen]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Return what was handed over."""
        return [body for _, body in self.seen]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take one message."""
        if scope["type"] != "http":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append((headers, json.loads(body)))
        self.raw.append(body)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self._answer(len(self.seen), send)
        finally:
            self.under_way -= 1

    async def _answer(self, number: int, send: Any) -> None:
        slow = self.holds_ordinary and not self.seen[number - 1][1].get("urgent")
        status = SLOW if slow else self.answers.pop(0) if self.answers else self.status
        self.lost += status < 0 or status >= FAULTY
        if status == SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        start = {"type": "http.response.start", "status": 200 if status < 0 else status}
        if status == DROP:
            # It promises more than it sends and hangs up: the message was taken, its answer is lost.
            await send({**start, "headers": [(b"content-length", b"999")]})
            return
        await send({**start, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps({"message_id": f"m-{number}"}).encode()})


@asynccontextmanager
async def provider(**more: Any) -> AsyncIterator[Provider]:
    """Run a provider on a port of its own."""
    port = free_port()
    found = Provider(url=f"http://127.0.0.1:{port}/messages", **more)
    async with served(found, port):
        yield found


def signed(
    body: dict[str, Any], *, event_id: str, secret: bytes, at: datetime | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return a receipt as its provider sends it."""
    raw = json.dumps(body).encode()
    moment = at or datetime.now(SHANGHAI)
    return raw, headers_of(event_id=event_id, at=moment, body=raw, secrets=[secret], attempt=1)
