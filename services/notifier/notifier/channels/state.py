"""Keeps how each channel is, where every process can read it."""

import time
from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

from notifier.channels import queries
from notifier.channels.circuit import SICK, Circuit
from notifier.channels.opening import Way
from notifier.channels.protocol import Outcome
from shared.db import Session, execute

# A channel that goes on working is said so once in so long: the row is everybody's.
EVERY_SECONDS: Final = 2.0
_SAID: WeakKeyDictionary[Circuit, float] = WeakKeyDictionary()


async def keep_state(session: Session, way: Way, outcomes: Sequence[Outcome]) -> None:
    """Note the newest of some outcomes; what was refused says nothing of the channel."""
    sick = [one for one in outcomes if one.result in SICK]
    if sick:
        _SAID.pop(way.circuit, None)
        await execute(session, queries.FAILED, channel=way.name, count=len(sick), error=sick[-1].error)
        return
    if not any(one.result in ("sent", "delivered") for one in outcomes):
        return
    now = time.monotonic()
    if now - _SAID.get(way.circuit, -EVERY_SECONDS) >= EVERY_SECONDS:
        _SAID[way.circuit] = now
        await execute(session, queries.SUCCEEDED, channel=way.name)
