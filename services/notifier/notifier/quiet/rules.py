"""Pure: when something that is not urgent may be sent, and what N workdays from now is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

IsWorkday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` to `end` of the clock nothing is sent; they may pass midnight; equal means none."""

    begin: time
    end: time

    def covers(self, moment: time) -> bool:
        """Say whether a time of day is quiet."""
        if self.begin <= self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


def allowed_from(now: datetime, hours: QuietHours, *, workday: IsWorkday | None) -> datetime:
    """Return the first moment from `now` on that is not quiet and, if asked, lies on a workday."""
    moment = now
    if hours.covers(moment.timetz().replace(tzinfo=None)):
        ends_tomorrow = hours.begin > hours.end and moment.time() >= hours.begin
        moment = _at(moment.date() + timedelta(days=ends_tomorrow), hours.end, now)
    while workday is not None and not workday(moment.date()):
        moment = _at(moment.date() + timedelta(days=1), hours.end, now)
    return moment


def after_workdays(now: datetime, days: int, workday: IsWorkday) -> datetime:
    """Return the same time of day, so many workdays later; holidays and weekends do not count."""
    moment = now
    left = days
    while left > 0:
        moment += timedelta(days=1)
        left -= workday(moment.date())
    return moment


def _at(day: date, moment: time, like: datetime) -> datetime:
    return datetime.combine(day, moment, tzinfo=like.tzinfo)
