"""Robots in the staff's groups (WeCom, DingTalk, Feishu …) by apprise, an optional extra.

A robot knows no key: what it may have taken can come twice. Never for anybody outside the house.
"""

import asyncio
import logging
import warnings
from typing import Any

from notifier.channels.protocol import Outcome, Outgoing


class BotsChannel:
    """Writes into every group of a recipient; all of them, or it is tried again."""

    def __init__(self, *, timeout: float) -> None:
        self._loading: asyncio.Task[Any] | None = None
        self.seconds = timeout
        # Its own words would repeat the addresses, which are keys.
        logging.getLogger("apprise").disabled = True

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Write one message."""
        if not outgoing.bots:
            return Outcome("refused", error="no_bot")
        # In a thread: its many services take long enough to load that the database would seem silent.
        self._loading = self._loading or asyncio.create_task(asyncio.to_thread(loaded))
        robots = (await asyncio.shield(self._loading))()
        if not robots.add(list(outgoing.bots)):
            return Outcome("refused", error="bot_address")
        try:
            async with asyncio.timeout(self.seconds):
                taken = await robots.async_notify(body=outgoing.text)
        except TimeoutError:
            return Outcome("unknown", error="TimeoutError")
        return Outcome("sent") if taken else Outcome("unknown", error="bot_unconfirmed")


def loaded() -> Any:  # noqa: ANN401 - an extra: whoever does not use it has no types of it
    """Return apprise's sender with all its services in memory: the first message need not wait for them."""
    with warnings.catch_warnings():
        # It imports what Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        from apprise import Apprise

        Apprise().add("json://localhost/")
    return Apprise
