"""What an event opens: the days on which samples are owed after it, and which sample fills which. Pure.

Day 0 is the day of the event (as a sample's own day is, contract §4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from registry.statuses.facts import day_of

FOR_GOOD: Final = date(9999, 12, 31)

DONE: Final = "done"
DONE_LATE: Final = "done_late"
OPEN: Final = "open"
MISSED: Final = "missed"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a rule asks for after an event: samples on these days, of which those of a variant may differ.

    Samples count from `accept_hours` before the event on. With `isolation_days` the person is suspended
    from the event to the release, which may be no earlier. `antibody`: the first sample adds serum.
    """

    event: str | None
    days: tuple[int, ...] = (0,)
    variants: tuple[tuple[str, tuple[int, ...]], ...] = ()
    isolation_days: int | None = None
    watch_days: int | None = None
    accept_hours: int = 0
    antibody: bool = False
    notice_days: int | None = None

    def days_for(self, variant: str | None) -> tuple[int, ...]:
        """Return the days of a variant, else those of everybody."""
        return dict(self.variants).get(variant or "", self.days)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or will, to a person; `ended_on`: the first day it binds no more."""

    kind: str
    category_code: str
    at: datetime
    variant: str | None = None
    released_on: date | None = None
    ended_on: date | None = None

    @property
    def day(self) -> date:
        """Return its Asia/Shanghai day."""
        return day_of(self.at)


@dataclass(frozen=True, slots=True)
class Steps:
    """The days on which samples are owed, and from when on samples count for them."""

    days: tuple[date, ...]
    accept_from: datetime

    def filled(self, counted: Sequence[datetime]) -> list[datetime | None]:
        """Return the sample of each step: first one of its own days, then a later one that no other took.

        A step's own days begin after the step before. Of a day one sample fills one step.
        """
        samples = [at for at in counted if at >= self.accept_from]
        found: list[datetime | None] = []
        opens = date.min
        for due in self.days:
            found.append(next((at for at in samples if opens < day_of(at) <= due), None))
            opens = due
        used = {day_of(at) for at in found if at is not None}
        for place, due in enumerate(self.days):
            if found[place] is None:
                late = next((at for at in samples if day_of(at) > due and day_of(at) not in used), None)
                if late is not None:
                    used.add(day_of(late))
                    found[place] = late
        return found

    def due(self, counted: Sequence[datetime]) -> date | None:
        """Return the first day that is still owed a sample, None when every one has its own."""
        filled = self.filled(counted)
        return next((due for due, at in zip(self.days, filled, strict=True) if at is None), None)


def occasion_of(shape: str, params: Mapping[str, Any]) -> Occasion | None:
    """Return what a rule asks for after an event, None if it asks for nothing."""
    event = params.get("event")
    if shape not in ("on_event", "day_list") and event is None:
        return None
    within = int(params.get("within_days", 0))
    variants = params.get("variants") or {}
    return Occasion(
        event=event,
        days=tuple(params.get("days") or ()) if shape == "day_list" else (within,),
        variants=tuple(sorted((name, tuple(days)) for name, days in variants.items())),
        isolation_days=params.get("isolation_days"),
        watch_days=params.get("watch_days"),
        accept_hours=int(params.get("accept_hours", 0)),
        antibody=bool(params.get("antibody", False)),
        notice_days=params.get("notice_days"),
    )


def steps_of(event: Event, occasion: Occasion) -> Steps:
    """Return what is owed after an event."""
    days = tuple(event.day + timedelta(days=number) for number in occasion.days_for(event.variant))
    return Steps(days, event.at - timedelta(hours=occasion.accept_hours))


def state_of(due: date, filled: datetime | None, *, today: date) -> str:
    """Return where a step stands: `done`, `done_late`, `missed` or `open`."""
    if filled is not None:
        return DONE if day_of(filled) <= due else DONE_LATE
    return MISSED if today > due else OPEN
