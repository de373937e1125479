"""Pure: which messages are over a recipient's cap of the day, and when a digest is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


def over_cap(told: int, more: int, cap: int) -> int:
    """Return how many of `more` messages are too many, when they bring the day's count to `told`."""
    return min(more, max(0, told - cap))


def digest_due(now: datetime, at: time) -> datetime:
    """Return the next time of day `at`, today's or tomorrow's."""
    today = datetime.combine(now.date(), at, tzinfo=now.tzinfo)
    return today if now < today else today + timedelta(days=1)


def last_of(groups: Mapping[Any, Sequence[T]], too_many: Mapping[Any, int]) -> list[T]:
    """Return the last so many of each group: the first ones keep their place."""
    return [one for key, group in groups.items() for one in group[len(group) - too_many.get(key, 0) :]]
