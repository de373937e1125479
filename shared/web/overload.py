"""Overload: how many requests a process has under way, and how late its event loop runs.

Beyond a number, or from a quarter of it on while the loop runs late, new requests are turned away at
once with 503: those under way are finished, instead of all of them being late.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

PULSE_SECONDS: Final = 0.25


class Load:
    """The requests under way in one process; `most` of them, and `longest` seconds of lag."""

    __slots__ = ("in_flight", "late", "longest", "most")

    def __init__(self, most: int, longest: float) -> None:
        self.most = most
        self.longest = longest
        self.in_flight = 0
        self.late = 0.0

    def full(self) -> bool:
        """Say whether a further request is to be turned away."""
        return self.in_flight >= self.most or (self.late > self.longest and 4 * self.in_flight >= self.most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one request while it is under way."""
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Measure the lag in the background."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(PULSE_SECONDS)
            self.late = max(0.0, time.monotonic() - began - PULSE_SECONDS)
