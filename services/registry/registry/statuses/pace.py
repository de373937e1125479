"""How often: intervals, so many samples a week or a day, and when the next one is due. Pure."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from registry.statuses.facts import SHANGHAI, day_of

DAY: Final = timedelta(days=1)
SHORTEST_MONTH: Final = 28
MEAN_MONTH: Final = 30.4
WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so many days or calendar months, or so many samples each Monday-to-Sunday week or day.

    Samples of one week count when `gap_hours` lie between them. Without any of these nothing is due.
    """

    days: int | None = None
    months: int | None = None
    per_week: int | None = None
    gap_hours: int = 24
    per_day: int | None = None

    @property
    def counts(self) -> bool:
        """Say whether earlier samples than the newest decide too."""
        return self.per_week is not None or self.per_day is not None

    def after(self, day: date) -> date:
        """Return the due day of a sample taken on `day`: day N is still in (1H.3, 1H.4)."""
        if self.days is not None:
            return day + timedelta(days=self.days)
        return add_months(day, self.months or 0)

    def due(self, counted_on: date, counted: Sequence[datetime] = ()) -> date:
        """Return when the next sample is due, after those that count, oldest first."""
        if not self.counts:
            return self.after(counted_on)
        times = counted or [datetime.combine(counted_on, time.min, SHANGHAI)]
        return self._in_week(times) if self.per_week is not None else self._in_day(times)

    def strictness(self) -> float:
        """Return the days between two samples, on average."""
        if self.per_week is not None:
            return WEEK / self.per_week
        if self.per_day is not None:
            return 1 / self.per_day
        return self.days if self.days is not None else (self.months or 0) * MEAN_MONTH

    def _in_day(self, times: Sequence[datetime]) -> date:
        newest = day_of(times[-1])
        taken = sum(day_of(each) == newest for each in times)
        return newest if taken < (self.per_day or 1) else newest + DAY

    def _in_week(self, times: Sequence[datetime]) -> date:
        """Return the last day on which the rest of the newest sample's week still fits, else of the next.

        A week that can no longer be filled has shown as overdue already; from the sample that came too
        late on, the next week counts.
        """
        monday = _monday(day_of(times[-1]))
        gap = timedelta(hours=self.gap_hours)
        taken: list[datetime] = []
        for each in times:
            if day_of(each) >= monday and (not taken or each - taken[-1] >= gap):
                taken.append(each)
        missing = (self.per_week or 1) - len(taken)
        by = self._fits(monday, missing)
        if missing > 0 and day_of(taken[-1] + gap) <= by:
            return by
        return self._fits(monday + WEEK * DAY, self.per_week or 1)

    def _fits(self, monday: date, missing: int) -> date:
        days_apart = -(-self.gap_hours // 24)
        return monday + (WEEK - 1) * DAY - (missing - 1) * days_apart * DAY


@dataclass(frozen=True, slots=True)
class SoonDays:
    """How many days before the due day somebody is due soon (1H.3)."""

    monthly: int = 3
    weekly: int = 2
    shorter: int = 1
    daily: int = 0

    def of(self, interval: Interval) -> int:
        """Return the days for an interval."""
        if interval.per_week is not None and interval.per_week < WEEK:
            return self.shorter
        if interval.counts:
            return self.daily
        if interval.days is None:
            return self.monthly if interval.months is not None else self.daily
        if interval.days >= WEEK:
            return self.weekly
        return self.shorter if interval.days > 1 else self.daily


def add_months(day: date, months: int) -> date:
    """Return the day so many calendar months later, clamped to the end of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def interval_of(shape: str, params: Mapping[str, Any]) -> Interval | None:
    """Return the interval of a rule's shape; None where nothing falls due by the calendar."""
    match shape:
        case "every_n_days":
            return Interval(days=int(params["days"]))
        case "every_n_months":
            return Interval(months=int(params["months"]))
        case "times_per_week":
            return Interval(per_week=int(params["times"]), gap_hours=int(params.get("min_gap_hours", 24)))
        case "times_per_day":
            return Interval(per_day=int(params["times"]))
        case _:
            return None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
