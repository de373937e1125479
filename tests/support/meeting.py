"""Two transactions made to meet: the second looks while the first has written and not committed."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from shared.db import Session
from tests.support.system import System

T = TypeVar("T")
Work = Callable[[Session], Awaitable[object]]

WAITING: Final = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def meet(
    system: System, first: Work, second: Coroutine[Any, Any, T], *, service: str = "registry"
) -> T:
    """Do `first` in a transaction, commit it once `second` has ended or waits for it; return the second's."""
    async with system.context(service).db.transaction() as session:
        await first(session)
        other = asyncio.create_task(second)
        while not other.done() and not await system.owner.fetchval(WAITING):
            await asyncio.sleep(0.01)
    return await other
