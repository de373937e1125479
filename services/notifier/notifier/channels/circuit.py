"""Rests a channel that fails, so that nobody waits for it and its attempts are not used up.

In memory, one for each channel of a process: what another process learns it learns by itself.
"""

from typing import Final

from notifier.channels.rules import Result

SICK: Final = ("failed", "unknown")


class Circuit:
    """Counts failures in a row; times in seconds of any steady clock."""

    def __init__(self, *, failures: int, seconds: float) -> None:
        self._most = failures
        self._seconds = seconds
        self._failed = 0
        self._again_at = 0.0

    @property
    def resting(self) -> bool:
        """Say whether the channel is only tried now and then."""
        return self._failed >= self._most

    def may_try(self, now: float, most: int) -> int:
        """Return how many may be handed over: all, or one in a while of a channel that rests."""
        if not self.resting:
            return most
        if now < self._again_at:
            return 0
        self._again_at = now + self._seconds
        return 1

    def learn(self, result: Result, now: float) -> None:
        """Note one outcome; a channel that refuses something is one that answers."""
        if result not in SICK:
            self._failed = 0
            return
        self._failed += 1
        self._again_at = now + self._seconds
