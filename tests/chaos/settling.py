"""Waiting until nothing is under way any more."""

import asyncio
import time
from collections.abc import Collection
from typing import Final

import asyncpg

from tests.chaos.driver import Driver

UNDONE: Final = """
    SELECT (SELECT count(*) FROM bus.delivery WHERE state IN ('pending', 'claimed')
               AND NOT message_id = ANY($1::uuid[]))
         + (SELECT count(*) FROM registry.feed_pending)
         + (SELECT count(*) FROM notifier.delivery WHERE state IN ('queued', 'sending', 'unknown')
               AND (not_before IS NULL OR not_before <= clock_timestamp()))
         + (SELECT count(*) FROM notifier.alert WHERE confirm_at IS NOT NULL)
"""


async def settle(
    driver: Driver, owner: asyncpg.Connection, *, poison: Collection[object] = (), seconds: float = 180
) -> float:
    """Wait until every step is answered and all that follows from it is done; return how long it took.

    TimeoutError when it does not come to rest.
    """
    began = time.monotonic()
    await driver.hold()
    async with asyncio.timeout(seconds):
        while await owner.fetchval(UNDONE, list(poison)):
            await asyncio.sleep(0.1)
        while await driver.read_page():
            pass
    return time.monotonic() - began
