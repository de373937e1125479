"""The quarter on paper: who is sampled when, who offends in which weeks, and how its bodies conduct themselves.

Pure; the seed decides. Weeks are numbered from 0; a unit samples everybody on its own weekday, a hospital half
of its people by turns. What must follow is worked out in `expected`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

# A quarter without a public holiday that is known of: Monday to Friday are workdays.
BEGIN: Final = datetime.fromisoformat("2030-03-04T00:00:00+08:00")
DAY: Final = timedelta(days=1)
MORNING: Final = timedelta(minutes=1)
NOON: Final = timedelta(hours=12, minutes=30)
# Each day is looked at a little later than the day before, so that what comes round daily has come round.
LATER: Final = timedelta(minutes=5)
DEPARTMENTS: Final = tuple(f"DEPT-{number}" for number in range(1, 7))
TOWNS: Final = tuple(f"TOWN-{number}" for number in range(1, 10))
WEEKDAYS: Final = (1, 2, 3, 4)  # Tuesday to Friday: the due day has gone by when the Sunday ends
STAFF: Final = 20
OFFENCES: Final = ("frequency", "never", "stranger", "share")
KINDS: Final = {"frequency": "frequency", "never": "coverage", "stranger": "coverage"}
FIRST_WEEK: Final = 1


@dataclass(frozen=True, slots=True)
class Course:
    """So many weeks of breach, and what its bodies do: days are counted from what they answer, a Monday's 0."""

    weeks: int
    room: int = 0
    """Weeks that are left behind the last breach, so that what follows lies within the quarter."""
    read: int = 1
    """When its department takes note of what it was sent; townships and leaders do so on the day after."""
    reads_chases: bool = False
    """Whether it takes note of the first chase, too."""
    report: int = 2
    """When a written report is recorded."""
    interview: int | None = None
    """When an interview is recorded; None: never."""
    extension: int | None = None
    """Until when a report may take as its department asks on the second day; granted on the third."""
    moves: int | None = None
    """When, after its first bulletin, the unit moves to another township and department."""
    revoked: tuple[int, int] | None = None
    """Which bulletin, from 0, is taken back two days after which was issued."""


REPORTED_UPWARD: Final = Course(4, interview=2)
SILENT: Final = Course(2, room=1, read=8)  # told again every workday
LATE: Final = Course(2, room=2, report=10, reads_chases=True)  # what was read counts as unread again
MOVES: Final = Course(3, moves=2, report=3)  # while it owes a report
EXTENDED: Final = Course(2, room=1, report=8, extension=9)
INTERVIEWED_LATE: Final = Course(3, room=1, interview=11)  # headquarters is told at the third chase
COUNTED_ANEW: Final = Course(3, revoked=(0, 2))  # the interview that is owed becomes a written report
# Each once. What is extended is in breach for weeks on end: the next only continues it.
TELLING: Final = (REPORTED_UPWARD, EXTENDED, SILENT, LATE, MOVES, INTERVIEWED_LATE, COUNTED_ANEW)
# By their frequency. An even number, so that by turns each comes to be played with every offence.
COURSES: Final = (
    Course(1), Course(2), Course(3), Course(4), Course(3, revoked=(1, 1)), *TELLING,
    Course(5, interview=2), Course(6, interview=11),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """A moment at which the clock stands and what is due comes round; on some a day is evaluated first."""

    day: int
    at: datetime
    evaluates: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, its people by number, and what is planted in it; `weeks` are those in breach."""

    number: int
    weekday: int
    people: tuple[int, ...]
    offence: str | None = None
    weeks: tuple[int, ...] = ()
    course: Course = COURSES[0]

    @property
    def code(self) -> str:
        """Return its licence number."""
        return f"Q-{self.number:05}"

    @property
    def department(self) -> str:
        """Return its department at first."""
        return DEPARTMENTS[self.number % len(DEPARTMENTS)]

    @property
    def town(self) -> str:
        """Return its township at first."""
        return TOWNS[self.number % len(TOWNS)]

    @property
    def moved(self) -> tuple[str, str]:
        """Return the department and township that it moves to, if it does."""
        departments, towns = (self.number + 1) % len(DEPARTMENTS), (self.number + 1) % len(TOWNS)
        return DEPARTMENTS[departments], TOWNS[towns]

    @property
    def offends(self) -> bool:
        """Say whether anything is to follow."""
        return self.offence in OFFENCES

    @property
    def offender(self) -> int:
        """Return the person on whose account it offends: of `never` and `stranger` one who comes later."""
        return self.people[0]

    @property
    def later(self) -> bool:
        """Say whether the offender is not there from the beginning."""
        return self.offence in ("never", "stranger")

    def sampled(self, week: int) -> list[int]:
        """Return who is sampled on its weekday of a week."""
        if self.offence == "share":
            return self._by_turns(week)
        first = self.people[1:] if self._skips(week) else self.people
        return list(first)

    def kinds(self, week: int) -> tuple[str, ...]:
        """Return of which kinds a week's breach is.

        Whoever of a hospital made up for a week in the next is not due again when their turn is missed anew.
        """
        if self.offence in KINDS:
            return (KINDS[self.offence],)
        made_up = week - 2 in self.weeks and week - 1 not in self.weeks
        return ("coverage",) if made_up else ("coverage", "frequency")

    def _skips(self, week: int) -> bool:
        """Say whether the offender gives no sample on the weekday."""
        if self.later:
            return week <= self.weeks[-1]
        return self.offence is not None and week in self.weeks

    def _by_turns(self, week: int) -> list[int]:
        """Return half of the staff; in a week of breach less one, who makes up for it once that is over."""
        halves = self.people[: STAFF // 2], self.people[STAFF // 2 :]
        mine = list(halves[week % 2])
        if week in self.weeks:
            return mine[1:]
        return mine + ([halves[1 - week % 2][0]] if week - 1 in self.weeks else [])


@dataclass(frozen=True, slots=True)
class Plan:
    """The district and how many weeks of it are played."""

    units: tuple[Unit, ...]
    weeks: int

    def of(self, offence: str) -> Iterator[Unit]:
        """Return the units in which something is planted."""
        return (unit for unit in self.units if unit.offence == offence)

    def breaches(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """Return the kinds of every unit and week in breach."""
        return {
            (unit.code, week): unit.kinds(week) for unit in self.units if unit.offends for week in unit.weeks
        }


def looks(days: int, *, nightly: bool) -> list[Look]:
    """Return the moments of a quarter, its day 0 apart, when everything is set up.

    Every morning is evaluated, or Mondays alone; after noon, and not in quiet hours, bodies act: every day, or
    from Tuesday to Saturday.
    """
    found: list[Look] = []
    for day in range(1, days):
        begin = BEGIN + day * DAY + day * LATER
        if nightly or day % 7 == 0:
            found.append(Look(day, begin + MORNING, evaluates=True))
        if nightly or 0 < day % 7 < 6:
            found.append(Look(day, begin + NOON))
    return found


def made(
    seed: int,
    *,
    units: int,
    people: int,
    weeks: int,
    weekdays: tuple[int, ...] = WEEKDAYS,
    courses: tuple[Course, ...] = COURSES,
) -> Plan:
    """Return a district in which a fifth of the units offend, and as many repair themselves in time.

    There are offenders enough for every course, however small the district.
    """
    rng = Random(seed)
    places = rng.sample(range(units), units)
    courses = tuple(each for each in courses if each.weeks + each.room <= weeks - 1 - FIRST_WEEK)
    offenders = places[: max(units // 5, min(units, len(courses)))]
    repaired = set(places[len(offenders) : len(offenders) + max(units // 5, 2)])
    size = max(people // units, 2)
    found: list[Unit] = []
    number = 0
    for place in range(units):
        rank = offenders.index(place) if place in offenders else None
        if rank is None:
            unit = _sound(rng, place, repaired, weeks)
        else:
            turn, course = divmod(rank, len(courses))
            unit = _planted(rng, place, OFFENCES[(rank + turn) % len(OFFENCES)], courses[course], weeks)
        staff = STAFF if unit.offence == "share" else size
        numbers = tuple(range(number, number + staff))
        found.append(replace(unit, people=numbers, weekday=rng.choice(weekdays)))
        number += staff
    return Plan(tuple(found), weeks)


def _planted(rng: Random, place: int, offence: str, course: Course, weeks: int) -> Unit:
    last = weeks - 2 - course.room  # its Monday comes, and there is time to put it right
    if offence in ("never", "stranger"):  # whoever comes late is wanting until they are tested
        first = rng.randint(FIRST_WEEK, last - course.weeks + 1)
        chosen = tuple(range(first, first + course.weeks))
    else:
        chosen = tuple(sorted(rng.sample(range(FIRST_WEEK, last + 1), course.weeks)))
    return Unit(place, 0, (), offence, chosen, course)


def _sound(rng: Random, place: int, repaired: set[int], weeks: int) -> Unit:
    if place not in repaired:
        return Unit(place, 0, ())
    return Unit(place, 0, (), "repaired", (rng.randint(FIRST_WEEK, weeks - 2),))
