"""Pure: how often an unanswered notice has been due again, and what follows an outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifier.channels.protocol import Result


@dataclass(frozen=True, slots=True)
class Repeat:
    """How many repeats have been due by now and when the next one is; one is sent for all of them."""

    repeats: int
    next_at: datetime


def repeat(now: datetime, *, due_at: datetime, repeats: int, every: timedelta) -> Repeat:
    """Return where a notice stands that was due for a repeat at `due_at`, however far the clock went."""
    missed = (now - due_at) // every
    return Repeat(repeats + 1 + missed, now + every)


def state_after(result: Result, *, again: bool) -> str:
    """Return the state of a delivery after an attempt: tried again, given up, or handed over."""
    if result in ("sent", "delivered"):
        return result
    if not again:
        return "failed"
    return "unknown" if result == "unknown" else "queued"
