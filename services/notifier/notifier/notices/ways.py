"""By which channels a notice goes and from when on: the same for all notices of a sort."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from notifier.quiet.rules import QuietHours, allowed_from
from notifier.quiet.workdays import is_workday
from notifier.routing.rules import ways
from notifier.settings import NotifierSettings
from shared.clock import day_of


class Sort(NamedTuple):
    """What a route is chosen by."""

    recipient_type: str
    kind: str
    urgent: bool


class Way(NamedTuple):
    """A row of channels, one after another, and the business time before which nothing goes by it."""

    channels: str
    not_before: datetime | None

    def may_go(self, now: datetime) -> bool:
        """Say whether something may go now."""
        return self.not_before is None or self.not_before <= now


Ways = Mapping[Sort, Sequence[Way]]


def ways_of(settings: NotifierSettings, sorts: Iterable[Sort], *, now: datetime) -> Ways:
    """Return the ways of each sort; what is urgent waits for nothing."""
    today = day_of(now)
    found = {}
    for sort in set(sorts):
        rows = ways(settings.channels, settings.channel_routes, today=today, **sort._asdict())
        moment = None if sort.urgent else _not_before(settings, sort.kind, now=now)
        found[sort] = [Way(" ".join(row), moment) for row in rows]
    return found


def columns_of(found: Ways) -> dict[str, list[Any]]:
    """Return the ways as the arrays of a statement."""
    rows = [(*sort, *way) for sort, ways in found.items() for way in ways]
    names = ("way_types", "way_kinds", "way_urgents", "way_channels", "way_befores")
    return {name: [row[n] for row in rows] for n, name in enumerate(names)}


def _not_before(settings: NotifierSettings, kind: str, *, now: datetime) -> datetime:
    workday = is_workday if kind in settings.workday_kinds else None
    return allowed_from(now, QuietHours(settings.quiet_from, settings.quiet_until), workday=workday)
