"""Where a reader of the feed of rows is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Self

LAST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Position:
    """A reader has had everything up to the change (`xid`, `n`), and of the next one the rows up to `row`."""

    epoch: str
    xid: int
    n: int
    row: int
    issued_on: date

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Return the place that a decoded cursor stands for; ValueError or KeyError if it is none."""
        xid, n, row = (raw[name] for name in ("x", "n", "r"))
        whole = all(type(each) is int and 0 <= each <= LAST for each in (xid, n, row))
        if not isinstance(raw["e"], str) or not whole:
            message = "not a position"
            raise ValueError(message)
        return cls(raw["e"], xid, n, row, date.fromisoformat(str(raw["d"])))

    def as_json(self) -> dict[str, Any]:
        """Return what a cursor encodes."""
        return {"e": self.epoch, "x": self.xid, "n": self.n, "r": self.row, "d": self.issued_on.isoformat()}

    def expired(self, *, epoch: str, kept: int, today: date, days: int) -> bool:
        """Say whether this place can no longer be read on from without a gap.

        Another epoch, changes that are no longer kept, or a cursor past its days.
        """
        return self.epoch != epoch or self.xid <= kept or (today - self.issued_on).days > days

    def at(self, xid: int, n: int, row: int, *, today: date) -> Self:
        """Return another place in the same epoch."""
        return replace(self, xid=xid, n=n, row=row, issued_on=today)


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows that a page takes of one change, and whether it takes the change to its end."""

    rows: list[int]
    whole: bool


def take(rows: list[int] | None, all_rows: int, *, after: int, room: int) -> Taken:
    """Return which rows of a change fit into a page; without `rows` a change is of every row of its batch."""
    left = [row for row in (range(1, all_rows + 1) if rows is None else rows) if row > after]
    return Taken(left[:room], len(left) <= room)
