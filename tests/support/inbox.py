"""Handling by hand what a worker would take."""

from shared.bus.delivering import Inbox


async def drain(inbox: Inbox, *, urgent: bool = False) -> int:
    """Handle everything that is due, one after the other; return how many deliveries there were."""
    count = 0
    while (claim := await inbox.claim_due(urgent=urgent, older_than=0)) is not None:
        await inbox.handle(claim)
        count += 1
    return count
