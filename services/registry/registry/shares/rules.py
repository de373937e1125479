"""Whether a group's share of people sampled in a period suffices. Pure (requirements rows 11-13, 1H.5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from registry.statuses.pace import DAY, add_months

FULL: Final = 100
SHARE: Final = "share"
COVER: Final = "cover"
UNITS: Final = "units"
WHOLE: Final = "category"


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Check:
    """One demand of a rule on a group: at least so many of a hundred within one period of a kind.

    `people_percent` is there for nested shares: a unit counts as sampled from so many of its people on.
    """

    kind: str
    period: str
    percent: int
    people_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster on the period's last day; `sampled_on`: the first day that counts in it.

    `excused`: on leave or exempt through the whole period; that leaves both sides of the fraction.
    """

    person_id: UUID
    unit_code: str
    department_in_unit: str | None
    category_code: str
    sampled_on: date | None = None
    excused: bool = False


@dataclass(frozen=True, slots=True)
class Fraction:
    """How many of how many."""

    numerator: int
    denominator: int

    def reaches(self, percent: int) -> bool:
        """Say whether the share suffices; nobody is not too few."""
        return self.numerator * FULL >= percent * self.denominator


def period_of(kind: str, day: date) -> Period:
    """Return the day, Monday-to-Sunday week or calendar month that a day lies in (1H.4)."""
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + 6 * DAY)
    if kind == "month":
        first = day.replace(day=1)
        return Period(first, add_months(first, 1) - DAY)
    return Period(day, day)


def checks_of(shape: str, params: dict[str, object]) -> list[Check]:
    """Return what a share rule demands: its share, and full cover over a longer period beside it."""
    found = []
    if shape == "rolling_share":
        found.append(Check(SHARE, str(params["period"]), _number(params["percent"])))
        if "cover" in params:
            found.append(Check(COVER, str(params["cover"]), FULL))
    elif shape == "nested_share":
        people = _number(params["percent_of_people"])
        found.append(Check(UNITS, str(params["period"]), _number(params["percent_of_units"]), people))
        if "cover" in params:
            found.append(Check(UNITS, str(params["cover"]), FULL, people))
    return found


def fraction(members: Iterable[Member]) -> Fraction:
    """Return how many of those who count were sampled."""
    counted = [each for each in members if not each.excused]
    return Fraction(sum(each.sampled_on is not None for each in counted), len(counted))


def units_fraction(members: Sequence[Member], people_percent: int) -> tuple[Fraction, list[str]]:
    """Return how many units had enough of their people sampled, and the units that had not."""
    by_unit: dict[str, list[Member]] = defaultdict(list)
    for each in members:
        by_unit[each.unit_code].append(each)
    parts = {unit: fraction(group) for unit, group in by_unit.items()}
    counted = {unit: part for unit, part in parts.items() if part.denominator}
    short = sorted(
        unit for unit, part in counted.items() if not part.numerator or not part.reaches(people_percent)
    )
    return Fraction(len(counted) - len(short), len(counted)), short


def is_of_unit(shape: str, params: Mapping[str, object]) -> bool:
    """Say whether a rule looks at groups within one unit, not at a category or at units as a whole."""
    return shape == "rolling_share" and params.get("group") != WHOLE


def made_up_until(params: Mapping[str, object], period: Period, today: date) -> date:
    """Return until when samples make up for a missed period: by the rule's `make_up_days`, else for ever."""
    days = params.get("make_up_days")
    return today if days is None else min(today, period.last + _number(days) * DAY)


def _number(value: object) -> int:
    return int(str(value))
