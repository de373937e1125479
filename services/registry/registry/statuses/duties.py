"""Rules read for one person: which duty they have on a day, and when that changes.

Pure. The only module that knows the shapes of rules (requirements 1A, 1F, 1H.3, 1H.7-9).
"""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

DAY: Final = timedelta(days=1)
SHORTEST_MONTH: Final = 28
SUSPENDED: Final = "suspended"
_SHARES: Final = frozenset({"rolling_share", "nested_share"})


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so many days or calendar months."""

    days: int | None = None
    months: int | None = None

    def after(self, day: date) -> date:
        """Return the due day of a sample taken on `day`: day N is still in (1H.3, 1H.4)."""
        if self.days is not None:
            return day + timedelta(days=self.days)
        return add_months(day, self.months or 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a category's rule; both days are included."""

    rule_id: int
    category_code: str
    version: int
    effective_from: date
    effective_to: date | None
    area_code: str | None
    shape: str
    interval: Interval | None
    vaccinated_interval: Interval | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the version is in force."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's place in a category; `areas` are the codes of the unit's town, department, district."""

    category_code: str
    enrolled_on: date
    left_on: date | None
    areas: tuple[str, ...] = ()

    def holds_on(self, day: date) -> bool:
        """Say whether the person is enrolled; the day of leaving is the first without a duty."""
        return self.enrolled_on <= day and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True, slots=True)
class Exemption:
    """`exempt` and `leave` lift the duty, `suspended` lifts the clearance; both days included."""

    kind: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """What a duty depends on. Hashable: people of one kind are worked out once."""

    enrolments: tuple[Enrolment, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    vaccinated_on: date | None = None


@dataclass(frozen=True, slots=True)
class SoonDays:
    """How many days before the due day somebody is due soon (1H.3)."""

    monthly: int = 3
    weekly: int = 2
    shorter: int = 1
    daily: int = 0

    def of(self, interval: Interval) -> int:
        """Return the days for an interval."""
        if interval.days is None:
            return self.monthly
        if interval.days >= 7:  # noqa: PLR2004 - a week
            return self.weekly
        return self.shorter if interval.days > 1 else self.daily


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule, by category, with what the reading of them depends on."""

    rules: Mapping[str, Sequence[Rule]]
    vaccinated_as: Mapping[str, str]
    go_live_on: date
    soon: SoonDays = SoonDays()


@dataclass(frozen=True, slots=True)
class Term:
    """One rule that binds a person today; `before` is what bound them before this version began."""

    rule: Rule
    interval: Interval
    starts_on: date
    before: tuple[Interval, ...] = ()

    def due_on(self, day: date) -> date:
        """Return the due day of a sample; a shortened rule lets nobody fall due at once (1H.7)."""
        due = self.interval.after(day)
        if day >= self.rule.effective_from or not self.before:
            return due
        was_due = min(each.after(day) for each in self.before)
        return due if was_due <= due else max(due, min(was_due, self.rule.effective_from + DAY))


@dataclass(frozen=True, slots=True)
class Duty:
    """A person's duty on a day. Without `terms` there is none.

    `exempt` and `suspended` are the window that holds today, else the next one; `changes_on` is
    the next day on which any of this may be different.
    """

    terms: tuple[Term, ...] = ()
    exempt: tuple[date, date] | None = None
    suspended: tuple[date, date] | None = None
    changes_on: date | None = None

    def due(self, counted_on: date | None) -> tuple[date, Term] | None:
        """Return the due day and the strictest rule, which sets it."""
        if not self.terms:
            return None
        found = [
            (term.starts_on if counted_on is None else term.due_on(counted_on), term) for term in self.terms
        ]
        return min(found, key=lambda each: (each[0], _strictness(each[1].interval), each[1].rule.rule_id))

    def plain(self) -> tuple[Interval, date] | None:
        """Return the one interval that decides for every sample from a day on, if there is such."""
        if not self.terms:
            return None
        from_on = max(term.rule.effective_from for term in self.terms)
        strictest = min((term.interval for term in self.terms), key=_strictness)
        months = [term.interval.months for term in self.terms if term.interval.months is not None]
        if strictest.days is not None and months and strictest.days > SHORTEST_MONTH * min(months):
            return None
        return strictest, from_on


def add_months(day: date, months: int) -> date:
    """Return the day so many calendar months later, clamped to the end of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def interval_of(shape: str, params: Mapping[str, Any]) -> Interval | None:
    """Return the interval of a rule's shape; None where nothing falls due by the calendar."""
    if shape == "every_n_days":
        return Interval(days=int(params["days"]))
    if shape == "every_n_months":
        return Interval(months=int(params["months"]))
    return None


def switches_on(vaccinated_on: date | None) -> date | None:
    """Return the day from which somebody counts as vaccinated: one calendar month on (1H.9)."""
    return None if vaccinated_on is None else add_months(vaccinated_on, 1)


def duty_of(person: Person, *, book: RuleBook, day: date) -> Duty:
    """Return a person's duty on a day, by the categories and rules in force then."""
    terms = tuple(
        term
        for enrolment in person.enrolments
        if enrolment.holds_on(day)
        for term in _terms(enrolment, person, book=book, day=day)
    )
    lifted = [each for each in person.exemptions if each.kind != SUSPENDED]
    return Duty(
        terms=terms,
        exempt=_window(lifted, day),
        suspended=_window([each for each in person.exemptions if each.kind == SUSPENDED], day),
        changes_on=min((each for each in _turning_days(person, book) if each > day), default=None),
    )


def _terms(enrolment: Enrolment, person: Person, *, book: RuleBook, day: date) -> Iterable[Term]:
    switch = switches_on(person.vaccinated_on)
    vaccinated = switch is not None and switch <= day
    code = _category(enrolment.category_code, book, vaccinated=vaccinated)
    for rule in in_force(book.rules.get(code, ()), areas=enrolment.areas, day=day):
        interval = _interval(rule, vaccinated=vaccinated)
        starts_on = max(enrolment.enrolled_on, _since(rule, book), book.go_live_on)
        if interval is None or starts_on > day:
            continue
        earlier = in_force(book.rules[code], areas=enrolment.areas, day=rule.effective_from - DAY)
        before = (_interval(each, vaccinated=vaccinated) for each in earlier)
        yield Term(rule, interval, starts_on, tuple(each for each in before if each is not None))


def in_force(rules: Sequence[Rule], *, areas: Sequence[str], day: date) -> list[Rule]:
    """Return the versions that bind on a day: of each area the newest open one, and every limited one.

    A version with an end lies over the open one for its time and leaves it as it was; the
    strictest of what is returned decides (row 157).
    """
    found = []
    newest: dict[str | None, Rule] = {}
    for rule in rules:
        if rule.shape in _SHARES or not rule.holds_on(day):
            continue
        if rule.area_code is not None and rule.area_code not in areas:
            continue
        if rule.effective_to is not None:
            found.append(rule)
            continue
        held = newest.get(rule.area_code)
        if held is None or (rule.effective_from, rule.version) > (held.effective_from, held.version):
            newest[rule.area_code] = rule
    return [*newest.values(), *found]


def _since(rule: Rule, book: RuleBook) -> date:
    """Return since when a rule has bound without a break, through its earlier open versions."""
    if rule.effective_to is not None:
        return rule.effective_from
    since = rule.effective_from
    earlier = [
        each
        for each in book.rules[rule.category_code]
        if each.area_code == rule.area_code
        and each.effective_to is None
        and each.shape not in _SHARES
        and (each.effective_from, each.version) < (rule.effective_from, rule.version)
    ]
    for each in sorted(earlier, key=lambda one: (one.effective_from, one.version), reverse=True):
        if each.interval is None:
            break
        since = each.effective_from
    return since


def _category(code: str, book: RuleBook, *, vaccinated: bool) -> str:
    return book.vaccinated_as.get(code, code) if vaccinated else code


def _interval(rule: Rule, *, vaccinated: bool) -> Interval | None:
    return (rule.vaccinated_interval or rule.interval) if vaccinated else rule.interval


def _strictness(interval: Interval) -> float:
    return interval.days if interval.days is not None else (interval.months or 0) * 30.4


def _window(exemptions: Sequence[Exemption], day: date) -> tuple[date, date] | None:
    now = [each for each in exemptions if each.from_on <= day <= each.to_on]
    if now:
        return min(each.from_on for each in now), max(each.to_on for each in now)
    later = [each for each in exemptions if each.from_on > day]
    return min(((each.from_on, each.to_on) for each in later), default=None)


def _turning_days(person: Person, book: RuleBook) -> Iterable[date]:
    switch = switches_on(person.vaccinated_on)
    if switch is not None:
        yield switch
    for exemption in person.exemptions:
        yield exemption.from_on
        yield exemption.to_on + DAY
    yield book.go_live_on
    for enrolment in person.enrolments:
        yield enrolment.enrolled_on
        if enrolment.left_on is not None:
            yield enrolment.left_on
        codes = {enrolment.category_code, book.vaccinated_as.get(enrolment.category_code)}
        for code in codes:
            for rule in book.rules.get(code or "", ()):
                yield rule.effective_from
                if rule.effective_to is not None:
                    yield rule.effective_to + DAY
