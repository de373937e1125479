"""Wakes the senders of this process right after a commit that queued a delivery."""

import asyncio
from weakref import WeakKeyDictionary

from shared.db import Database, Session, after_commit


class Bell:
    """A lane for each sender, so that what is urgent never waits behind a flood of reminders."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[bool, str], asyncio.Event] = {}

    def ring(self, *, urgent: bool) -> None:
        """Wake the senders of what is urgent, or of what is not."""
        for (lane, _), event in self._lanes.items():
            if lane is urgent:
                event.set()

    async def wait(self, *, urgent: bool, sender: str, seconds: float) -> None:
        """Return when the lane is rung, or after so many seconds."""
        lane = self._lanes.setdefault((urgent, sender), asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await lane.wait()
        except TimeoutError:
            return
        lane.clear()


_BELLS: WeakKeyDictionary[Database, Bell] = WeakKeyDictionary()


def bell_of(database: Database) -> Bell:
    """Return the bell of this process's database pool."""
    return _BELLS.setdefault(database, Bell())


def ring_after_commit(session: Session, database: Database, *, urgent: bool) -> None:
    """Wake the sender once the deliveries of this transaction can be seen."""

    async def ring() -> None:
        bell_of(database).ring(urgent=urgent)

    after_commit(session, f"bell:{urgent}", ring)
