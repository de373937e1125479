"""The quarter on paper: who is sampled when, who offends in which weeks, and what must follow. Pure; the seed decides.

Weeks are numbered from 0; a unit samples everybody on its own weekday, a hospital half of its people by turns.
What must follow is worked out from the contract's words (§6), not from the code that is tried.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final

DEPARTMENTS: Final = tuple(f"DEPT-{number}" for number in range(1, 7))
TOWNS: Final = tuple(f"TOWN-{number}" for number in range(1, 10))
WEEKDAYS: Final = (1, 2, 3, 4)  # Tuesday to Friday: the due day has gone by when the Sunday ends
STAFF: Final = 20
OFFENCES: Final = ("frequency", "never", "stranger", "share")
KINDS: Final = {"frequency": "frequency", "never": "coverage", "stranger": "coverage"}
FIRST_WEEK: Final = 1
# How many weeks of breach, whether the interview is recorded, which bulletin is revoked; by their frequency.
Course = tuple[int, bool, int | None]
COURSES: Final[tuple[Course, ...]] = (
    (1, False, None), (1, False, None), (2, False, None), (3, False, None), (4, True, None), (4, False, None),
    (5, True, None), (3, False, 1),
)  # fmt: skip
BULLETIN, WRITTEN, INTERVIEW, UPWARD = (
    "bulletin.unit",
    "task.written_report",
    "task.interview",
    "report.upward",
)
LADDER: Final = (BULLETIN, WRITTEN, INTERVIEW, UPWARD)

Notice = tuple[str, str, int, str]
"""Kind, unit, week of the breach, and whose: `department`, `township`; of a report upward `district`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, its people by number, and what is planted in it; `weeks` are those in breach."""

    number: int
    weekday: int
    people: tuple[int, ...]
    offence: str | None = None
    weeks: tuple[int, ...] = ()
    interview: bool = False
    revoked: int | None = None
    """Which of its bulletins is revoked, from 0."""

    @property
    def code(self) -> str:
        """Return its licence number."""
        return f"Q-{self.number:05}"

    @property
    def department(self) -> str:
        """Return its department."""
        return DEPARTMENTS[self.number % len(DEPARTMENTS)]

    @property
    def town(self) -> str:
        """Return its township."""
        return TOWNS[self.number % len(TOWNS)]

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
            (unit.code, week): unit.kinds(week)
            for unit in self.units
            if unit.offence in OFFENCES
            for week in unit.weeks
        }

    def notices(self) -> tuple[set[Notice], set[Notice]]:
        """Return the notices that must be there and stand, and those that must have been revoked."""
        stand: set[Notice] = set()
        revoked: set[Notice] = set()
        for unit in self.units:
            for number, owed in ladder(unit):
                into = revoked if number == unit.revoked else stand
                into.update(_notices(unit, unit.weeks[number], owed))
        return stand, revoked


def ladder(unit: Unit) -> Iterator[tuple[int, str]]:
    """Yield each bulletin with what it owes: two written reports, then interviews until one is recorded."""
    count, interviewed = 0, False
    for number in range(len(unit.weeks) if unit.offence in OFFENCES else 0):
        count += 1
        if count < 3:
            yield number, WRITTEN
        elif interviewed:
            yield number, UPWARD
        else:
            yield number, INTERVIEW
            interviewed = unit.interview
        if number == unit.revoked:
            count -= 1


def _notices(unit: Unit, week: int, owed: str) -> Iterator[Notice]:
    yield BULLETIN, unit.code, week, "department"
    yield BULLETIN, unit.code, week, "township"
    yield owed, unit.code, week, "district" if owed == UPWARD else "department"


def made(seed: int, *, units: int, people: int, weeks: int, weekdays: tuple[int, ...] = WEEKDAYS) -> Plan:
    """Return a district in which a fifth of the units offend, and as many repair themselves in time.

    There are offenders enough for every course, however small the district.
    """
    rng = Random(seed)
    places = rng.sample(range(units), units)
    courses = [each for each in COURSES if each[0] <= weeks - 1 - FIRST_WEEK]
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
    length, interview, revoked = course
    last = weeks - 2  # its Monday comes, and there is time to put it right
    if offence in ("never", "stranger"):  # whoever comes late is wanting until they are tested
        first = rng.randint(FIRST_WEEK, last - length + 1)
        chosen = tuple(range(first, first + length))
    else:
        chosen = tuple(sorted(rng.sample(range(FIRST_WEEK, last + 1), length)))
    return Unit(place, 0, (), offence, chosen, interview, revoked)


def _sound(rng: Random, place: int, repaired: set[int], weeks: int) -> Unit:
    if place not in repaired:
        return Unit(place, 0, ())
    return Unit(place, 0, (), "repaired", (rng.randint(FIRST_WEEK, weeks - 2),))
