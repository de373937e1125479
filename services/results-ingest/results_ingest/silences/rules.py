"""When a laboratory is silent (anchors: a laboratory that stops sending is noticed by nobody). Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """A laboratory as it stands: its hours of today, its limit, its last batch and what waits for it.

    `floor`: before it nothing was expected, as before its registration. Without hours it is always open.
    """

    opens_at: str | None
    closes_at: str | None
    limit: timedelta
    always_expected: bool
    floor: datetime
    last_batch: datetime | None


def open_since(opens_at: str | None, closes_at: str | None, now: datetime) -> datetime | None:
    """Return since when the laboratory is open, None while it is closed; `now` is Asia/Shanghai.

    Round the clock it is open since ever. Closing before opening means past midnight, and is the next day's.
    """
    if opens_at is None or closes_at is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    for begins in (midnight, midnight - DAY):
        opened = begins + _within_day(opens_at)
        closes = begins + _within_day(closes_at)
        if closes <= opened:
            closes += DAY
        if opened <= now < closes:
            return opened
    return None


def silent_since(lab: Watched, oldest_waiting: datetime | None, now: datetime) -> datetime | None:
    """Return since when a laboratory owes a sign of life, None if it owes none or its limit is not over."""
    if oldest_waiting is None and not lab.always_expected:
        return None
    since = owes_since(lab, now)
    if since is None:
        return None
    if oldest_waiting is not None and not lab.always_expected:
        since = max(since, oldest_waiting)
    return since if now - since >= lab.limit else None


def owes_since(lab: Watched, now: datetime) -> datetime | None:
    """Return since when nothing has come in this opening, None while it is closed."""
    opened = open_since(lab.opens_at, lab.closes_at, now)
    if opened is None:
        return None
    return max(opened, lab.floor, lab.last_batch or lab.floor)


def _within_day(clock: str) -> timedelta:
    hours, minutes = clock.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
