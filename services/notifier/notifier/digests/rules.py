"""Pure: the sums and orders of digests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

ADDRESSED: Final = ("site", "unit", "lab")
MOST_NAMED: Final = 20
INTAKE: Final = ("total", "sampled", "remaining", "negative", "pending", "not_negative")
_CAUSES: Final = (
    "not_bound", "not_received", "not_tested", "not_uploaded", "not_matched", "invalid", "not_shown",
)  # fmt: skip


def summed(days: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return counts by cause over days."""
    total: dict[str, int] = {}
    for causes in days:
        for cause, samples in causes.items():
            total[cause] = total.get(cause, 0) + samples
    return total


def in_order(causes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the causes that occur, in the order of a sample's way."""
    return [(cause, causes[cause]) for cause in _CAUSES if causes.get(cause)]


def coverage(grids: Sequence[Any]) -> dict[str, int]:
    """Return a township's sums; `missing` are people known by name, `unnamed` heads that nobody has named."""
    names = ("expected", "residents", "sampled", "resulted")
    sums = {name: sum(getattr(grid, name) for grid in grids) for name in names}
    missing = sums["residents"] - sums["sampled"]
    return sums | {"missing": missing, "unnamed": sums["expected"] - sums["residents"], "grids": len(grids)}
