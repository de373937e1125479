"""What a week says of somebody: met, late, missed or never tested. Pure (decision 0029).

Days and weeks are those of Asia/Shanghai; weeks go from Monday to Sunday (1H.4).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from registry.statuses.book import RuleBook
from registry.statuses.duties import Duty, Person, duty_of
from registry.statuses.facts import day_of

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)

MET: Final = "met"
LATE: Final = "late"
MISSED: Final = "missed"
NEVER_TESTED: Final = "never_tested"
OUTCOMES: Final = (MET, LATE, MISSED, NEVER_TESTED)

Place = tuple[str | None, str]
"""A unit, or none, and a category: where somebody is counted."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts by the end of a day: the day of the newest sample, and the times of those that matter."""

    counted_on: date | None = None
    times: tuple[datetime, ...] = ()


Upto = Callable[[date], Counted]
"""What counts of somebody by the end of a day."""


@dataclass(frozen=True, slots=True)
class Tube:
    """A sample under test: until `limit_at` nobody falls behind who gave it in time."""

    collected_at: datetime
    limit_at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """Where somebody is enrolled; the day of leaving is the first that does not count."""

    place: Place
    enrolled_on: date
    left_on: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether the stay holds on a day."""
        return self.enrolled_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class DayState:
    """A day on which somebody was bound, as it stood at its end."""

    category_code: str
    owed: bool
    behind: bool
    tested: bool


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - day.weekday() * DAY


def duties_in(person: Person, book: RuleBook, days: Sequence[date]) -> list[tuple[date, Duty]]:
    """Return somebody's duty on each of some days that follow each other."""
    found: list[tuple[date, Duty]] = []
    for day in days:
        held = found[-1][1] if found else None
        if held is None or (held.changes_on is not None and held.changes_on <= day):
            held = duty_of(person, book=book, day=day)
        found.append((day, held))
    return found


def states_of(
    duties: Iterable[tuple[date, Duty]],
    counted_by: Upto,
    *,
    tubes: Sequence[Tube] = (),
    today: date,
) -> dict[date, DayState]:
    """Return how somebody stood at the end of each day on which they were bound.

    Behind is whose due day has come and gone without a sample, and on that day already who has never been
    tested. Of today, which is not over, whoever was tested before still has time; what an event asks for on a
    later day is not missing yet. Owed is a sample of somebody who is behind, whose last day it is, or who
    gave one, if only the last that an event asked for.
    """
    states = {}
    for day, duty in duties:
        if duty.exempt is not None and duty.exempt[0] <= day <= duty.exempt[1]:
            continue
        upto = counted_by(day)
        due = duty.due(upto.counted_on, upto.times)
        if due is None and upto.counted_on != day:
            continue
        due_on = None if due is None else due[0]
        last = day if day < today or upto.counted_on is None else day - DAY
        come = due_on is not None and due_on <= last
        waiting = due_on is not None and any(day_of(tube.collected_at) <= due_on for tube in tubes)
        before = counted_by(day - DAY)
        binding = due or duty.due(before.counted_on, before.times)
        if binding is None:
            continue
        states[day] = DayState(
            category_code=binding[1].rule.category_code,
            owed=come or upto.counted_on == day,
            behind=come and not waiting,
            tested=upto.counted_on is not None,
        )
    return states


def outcomes_of(states: Mapping[date, DayState], stays: Sequence[Stay]) -> dict[Place, str]:
    """Return what the week says of somebody in each place in which they owed a sample.

    One duty, the strictest, decides in all of a person's places (row 157). A place is judged by the days of
    its own. Whoever owes by an event alone, enrolled nowhere on the day, stands under its category.
    """
    days: dict[Place, list[DayState]] = defaultdict(list)
    for day, state in states.items():
        places = {stay.place for stay in stays if stay.holds_on(day)} or {(None, state.category_code)}
        for place in places:
            days[place].append(state)
    return {place: _outcome(found) for place, found in days.items() if any(each.owed for each in found)}


def _outcome(states: Sequence[DayState]) -> str:
    if states[-1].behind:
        return MISSED if states[-1].tested else NEVER_TESTED
    return LATE if any(each.behind for each in states) else MET


def counted_from(times: Sequence[datetime]) -> Upto:
    """Return what counts by the end of a day, of samples that all count, oldest first."""
    days = [day_of(each) for each in times]

    def upto(day: date) -> Counted:
        number = sum(each <= day for each in days)
        return Counted(days[number - 1], tuple(times[:number])) if number else Counted()

    return upto


def what_matters(
    times: Sequence[datetime], duties: Sequence[tuple[date, Duty]], *, monday: date
) -> tuple[date | datetime, ...]:
    """Return by what of their samples people are alike in a week: days do unless a rule counts hours."""
    if any(duty.needs_history for _, duty in duties):
        return tuple(times)
    days = sorted({day_of(each) for each in times})
    before = [day for day in days if day < monday]
    return (*before[-1:], *days[len(before) :])


def under_test(tubes: Iterable[Tube], *, now: datetime, pending: timedelta) -> tuple[Tube, ...]:
    """Return the tubes whose laboratory still has time, as the status shows them."""
    return tuple(each for each in tubes if each.collected_at > now - pending and now < each.limit_at)
