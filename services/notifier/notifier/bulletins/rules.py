"""Pure: which period is to be told about, and how a body's bulletin is numbered and added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

Row = Mapping[str, Any]
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """Seven days: the first is included, `until` is the day after the last."""

    since: date
    until: date

    @property
    def last(self) -> date:
        """Return the last day."""
        return self.until - timedelta(days=1)


def newest(now: datetime, *, weekday: int, at: time) -> Period:
    """Return the newest period that is over and may be told: from that weekday and time of day on."""
    until = now.date() - timedelta(days=(now.weekday() - weekday) % 7)
    if until == now.date() and now.timetz().replace(tzinfo=None) < at:
        until -= WEEK
    return Period(until - WEEK, until)


def number_of(year: int, number: int) -> str:
    """Return the number of a bulletin as it is printed."""
    return f"{year}-{number:03d}"


def summed(notices: Sequence[Row], answers: Sequence[Row], items: Sequence[Row]) -> dict[str, int]:
    """Return the counts of the text; the notices of the period, and what is open whatever its age."""
    return {
        **{name: sum(row[name] for row in notices) for name in ("issued", "unacknowledged", "ack_overdue")},
        "answers": len(answers),
        "answers_overdue": sum(row["overdue"] for row in answers),
        "items": len(items),
        "items_overdue": sum(row["overdue"] for row in items),
    }
