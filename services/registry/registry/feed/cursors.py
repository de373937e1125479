"""The feed's cursor: where a reader is, in which epoch, and since when it holds the cursor. Pure.

Two phases: `snapshot` pages everybody by person id, and remembers the head of the feed at its
start; `feed` follows the numbers from there on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

SNAPSHOT: Final = "snapshot"
FEED: Final = "feed"


@dataclass(frozen=True, slots=True)
class Head:
    """The store's epoch, the highest number, and the number from which on the feed is kept."""

    epoch: str
    seq: int
    kept_from: int


@dataclass(frozen=True, slots=True)
class Position:
    """A reader's place. `seq` is the last number it has had; `after` the last person of a snapshot."""

    epoch: str
    phase: str
    seq: int
    after: UUID | None
    issued_on: date

    @classmethod
    def beginning(cls, head: Head, *, today: date) -> Self:
        """Return the place of a reader that comes without a cursor."""
        return cls(head.epoch, SNAPSHOT, head.seq, None, today)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Return the place a decoded cursor stands for; ValueError or KeyError if it is none."""
        phase = raw["p"]
        seq = raw["n"]
        if (
            phase not in (SNAPSHOT, FEED)
            or type(seq) is not int
            or not 0 <= seq < 2**63
            or not isinstance(raw["e"], str)
        ):
            message = "not a position"
            raise ValueError(message)
        after = None if raw.get("a") is None else UUID(str(raw["a"]))
        return cls(raw["e"], phase, seq, after, date.fromisoformat(str(raw["d"])))

    def as_json(self) -> dict[str, Any]:
        """Return what a cursor encodes."""
        return {
            "e": self.epoch,
            "p": self.phase,
            "n": self.seq,
            "a": None if self.after is None else str(self.after),
            "d": self.issued_on.isoformat(),
        }

    def expired(self, head: Head, *, today: date, days: int) -> bool:
        """Say whether this place can no longer be read on from without a gap.

        Another epoch, a number beyond the head (the store is older than the reader), a cursor
        past its days, or changes that are no longer kept.
        """
        return (
            self.epoch != head.epoch
            or self.seq > head.seq
            or self.seq < head.kept_from
            or (today - self.issued_on).days > days
        )

    def moved(self, *, today: date, seq: int | None = None, after: UUID | None = None) -> Self:
        """Return the next place in the same phase."""
        return replace(self, seq=self.seq if seq is None else seq, after=after, issued_on=today)

    def into_feed(self, *, today: date) -> Self:
        """Return the place after the end of a snapshot: the head noted at its start."""
        return replace(self, phase=FEED, after=None, issued_on=today)
