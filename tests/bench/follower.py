"""A platform that follows the feed as cheaply as can be: it decodes only what says whose result shows."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import msgspec

from deploy.demo.client import Api
from tests.bench import wire

PAGE: Final = 10_000
PAUSE: Final = 0.02


class Last(msgspec.Struct):
    """When the result that decides was tested, as it is written."""

    tested_at: str


class Change(msgspec.Struct):
    """Whose status, and which result decides it."""

    health_code_id: str
    last_result: Last | None = None


class Changes(msgspec.Struct):
    """One page of the feed."""

    changes: list[Change]
    next_cursor: str
    more: bool


_decode = msgspec.json.Decoder(Changes).decode


@dataclass(slots=True)
class Follower:
    """What it has seen: the moment (monotonic seconds) at which each (health code, tested) first showed."""

    api: Api
    line: wire.Line
    cursor: str | None = None
    shown: dict[tuple[str, str], float] = field(default_factory=dict)

    async def page(self) -> Changes:
        """Read the next page; RuntimeError where the answer is no page."""
        cursor = "" if self.cursor is None else f"&cursor={quote(self.cursor)}"
        path = f"/v1/status-changes?limit={PAGE}{cursor}"
        answer = await self.line.send(wire.request("GET", path, token=await self.api.valid_token()))
        if answer.status != 200:
            message = f"the feed answered {answer.status}: {answer.body[:300]!r}"
            raise RuntimeError(message)
        page = _decode(answer.body)
        self.cursor = page.next_cursor
        return page

    async def follow(self) -> None:
        """Read for ever and note what shows; the caller cancels."""
        while True:
            page = await self.page()
            seen = time.monotonic()
            for change in page.changes:
                if change.last_result is not None:
                    self.shown.setdefault((change.health_code_id, change.last_result.tested_at), seen)
            if not page.more:
                await asyncio.sleep(PAUSE)


async def follower_at_the_end(api: Api) -> Follower:
    """Return a follower that has read everything there is."""
    follower = Follower(api, wire.line_to(api.base_url))
    while (await follower.page()).more:
        pass
    return follower
