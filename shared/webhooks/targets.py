"""Looking where a URL leads before anything is sent there."""

import asyncio
import socket
from typing import Any, Final

from shared.context import Context
from shared.webhooks.rules import Target, may_be_called, target_of

LOOK_UP_SECONDS: Final = 3.0


async def checked(context: Context[Any], url: str) -> tuple[Target, str] | None:
    """Return a URL's target and the address to connect to; None where it may not be called.

    Every address that the name leads to must be allowed, and the one returned is the one to use: a name that
    leads elsewhere a moment later changes nothing.
    """
    target = target_of(url, plain=context.settings.webhook_plain_http)
    if target is None:
        return None
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(
                target.host, target.port, type=socket.SOCK_STREAM
            )
    except (OSError, TimeoutError, UnicodeError):
        return None
    addresses = [str(each[4][0]) for each in found]
    if not may_be_called(addresses, context.settings.webhook_networks):
        return None
    return target, addresses[0]
