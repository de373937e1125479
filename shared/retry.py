"""Whether and when a failed delivery is tried again. Pure: a decision is a value."""

from dataclasses import dataclass
from typing import Final

MAX_ATTEMPTS: Final = 12
FIRST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Dead:
    """Give up until an administrator replays or drops it."""


def after_failure(
    attempt: int,
    *,
    max_attempts: int = MAX_ATTEMPTS,
    first: float = FIRST_SECONDS,
    longest: float = LONGEST_SECONDS,
) -> Again | Dead:
    """Return what follows the failure of attempt number `attempt` (from 1): doubled waits, then dead."""
    if attempt >= max_attempts:
        return Dead()
    return Again(min(first * 2.0 ** min(attempt - 1, 64), longest))
