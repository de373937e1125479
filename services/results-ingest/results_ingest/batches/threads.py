"""Where large bodies are worked on: beside the event loop, two at a time, so that others are not held up."""

from collections.abc import Callable
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread

THREAD_FROM_BYTES: Final = 200_000
_threads = CapacityLimiter(2)
T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run `work` in one of the threads."""
    return await to_thread.run_sync(work, limiter=_threads)


async def off_loop(raw: bytes, work: Callable[[], T]) -> T:
    """Run `work` on a body; only a large one is worth a thread."""
    return work() if len(raw) < THREAD_FROM_BYTES else await in_thread(work)
