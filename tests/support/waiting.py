"""Waiting for what comes by itself: one patience for all tests, which only a fault uses up.

How fast something comes is shown by `make bench` and `make chaos`. A test that measured it would fail
on a machine that stood still for a moment.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Final, TypeVar, overload

Found = TypeVar("Found")
PATIENCE_SECONDS: Final = 60.0


@overload
async def until(look: Callable[[], Awaitable[Found | None]], *, seconds: float = ...) -> Found: ...
@overload
async def until(look: Callable[[], Found | None], *, seconds: float = ...) -> Found: ...
async def until(look: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> Any:
    """Look again and again, and return what was found as soon as it is true of something.

    Raises TimeoutError, with what was found last.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if isawaitable(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited for {seconds} s; found last: {found!r}")
        await asyncio.sleep(0.02)
