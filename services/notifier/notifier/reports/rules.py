"""Pure: the slots of a day, how long one is waited for, and when whoever is missing is told again."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

IsWorkday = Callable[[date], bool]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Form:
    """A version of a form; `cutoffs` are times of day (`10:00`), each the name of its slot, in order."""

    form_code: str
    effective_from: date
    kind: str
    title: str
    fields: tuple[dict[str, Any], ...]
    cutoffs: tuple[str, ...]
    days: str
    on_day: int | None = None

    def is_owed_on(self, day: date, is_workday: IsWorkday) -> bool:
        """Say whether a day has slots: every day, workdays, or one day of each week or month."""
        if self.days == "workday":
            return is_workday(day)
        if self.days == "weekly":
            return day.isoweekday() == self.on_day
        if self.days == "monthly" and self.on_day is not None:
            return day.day == min(self.on_day, monthrange(day.year, day.month)[1])
        return self.days == "every"


@dataclass(frozen=True, slots=True)
class Slot:
    """From when on a slot may be filed, when it counts as missing, and when the next one takes over."""

    slot: str
    opens_at: datetime
    cutoff_at: datetime
    until_at: datetime


def day_fits(days: str, on_day: int | None) -> bool:
    """Say whether a cycle names the day that it needs: 1-7 (Monday first) of a week, 1-31 of a month."""
    last = {"weekly": 7, "monthly": 31}.get(days)
    return on_day is None if last is None else on_day is not None and 1 <= on_day <= last


def rising(cutoffs: Sequence[str]) -> bool:
    """Say whether cut-offs follow each other within a day; the first may not be its beginning."""
    return all(a < b for a, b in zip(("00:00", *cutoffs), cutoffs, strict=False))


def in_force(versions: Sequence[Form], day: date) -> Form | None:
    """Return the version of a form that holds on a day."""
    begun = [each for each in versions if each.effective_from <= day]
    return max(begun, key=lambda each: each.effective_from, default=None)


def slots_of(versions: Sequence[Form], day: date, is_workday: IsWorkday, zone: tzinfo) -> list[Slot]:
    """Return the slots of a day, empty where it has none. One ends when the next cut-off has come."""
    form = in_force(versions, day)
    if form is None or not form.is_owed_on(day, is_workday):
        return []
    moments = [_at(day, cutoff, zone) for cutoff in form.cutoffs]
    opening = [_at(day, "00:00", zone), *moments[:-1]]
    ends = [*moments[1:], _next_cutoff(versions, day, is_workday, zone)]
    return [Slot(*each) for each in zip(form.cutoffs, opening, moments, ends, strict=True)]


def _next_cutoff(versions: Sequence[Form], day: date, is_workday: IsWorkday, zone: tzinfo) -> datetime:
    later = day + DAY
    while True:
        form = in_force(versions, later)
        if form is not None and form.is_owed_on(later, is_workday):
            return _at(later, form.cutoffs[0], zone)
        later += DAY


def _at(day: date, cutoff: str, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(cutoff), tzinfo=zone)


def days_to_open(today: date, *, last: date | None, most: int) -> date | None:
    """Return the next day whose slots are to be opened, None if today's are; after a jump `most` at most."""
    if last is None:
        return today
    following = max(last + DAY, today - most * DAY)
    return following if following <= today else None
