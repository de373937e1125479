"""Pure: the periods of the issue ledger (requirements row 107)."""

from datetime import date, timedelta
from typing import Literal

Period = Literal["week", "month"]


def begin_of(day: date, period: Period) -> date:
    """Return the first day of the period that a day lies in: its Monday, or the first of its month."""
    return day - timedelta(days=day.weekday()) if period == "week" else day.replace(day=1)


def end_of(begin: date, period: Period) -> date:
    """Return the first day of the period that follows."""
    if period == "week":
        return begin + timedelta(days=7)
    return begin_of(begin + timedelta(days=31), period)


def carried_periods(found_on: date, begin: date, period: Period) -> int:
    """Return in how many periods before this one an item stood in the ledger."""
    first = begin_of(found_on, period)
    if period == "week":
        return max(0, (begin - first).days // 7)
    return max(0, 12 * (begin.year - first.year) + begin.month - first.month)
