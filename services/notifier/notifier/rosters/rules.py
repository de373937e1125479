"""Pure: where a roster has nobody, and which shifts get in each other's way."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
LONGEST = timedelta(hours=72)


def gaps(begin: datetime, end: datetime, shifts: Iterable[Span]) -> list[Span]:
    """Return the parts of a time in which nobody is on duty."""
    found = []
    covered = begin
    for starts_at, ends_at in sorted(shifts):
        if starts_at > covered:
            found.append((covered, min(starts_at, end)))
        covered = max(covered, ends_at)
        if covered >= end:
            return found
    return [*found, (covered, end)]


def overlapping(wanted: Sequence[Span], standing: Iterable[Span]) -> list[int]:
    """Return the numbers, from 1, of the wanted shifts that overlap a standing or an earlier wanted one."""
    taken = list(standing)
    found = []
    for number, span in enumerate(wanted, start=1):
        if any(span[0] < ends_at and starts_at < span[1] for starts_at, ends_at in taken):
            found.append(number)
        taken.append(span)
    return found
