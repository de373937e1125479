"""Rules read for one person: which duty they have on a day, and when that changes.

Pure. Knows which rules bind whom (requirements 1A, 1F, 1H.3, 1H.7-9); `pace` and `schedules` know the shapes,
`book` which version is in force.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from registry.statuses.book import Rule, RuleBook, in_force, since
from registry.statuses.pace import DAY, SHORTEST_MONTH, Interval, add_months
from registry.statuses.schedules import FOR_GOOD, Event, Steps, steps_of

SUSPENDED: Final = "suspended"


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
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One rule that binds a person today; `before` is what bound them before this version began.

    With `steps` it is the schedule that an event opened.
    """

    rule: Rule
    interval: Interval
    starts_on: date
    before: tuple[Interval, ...] = ()
    steps: Steps | None = None
    event: Event | None = None

    @property
    def needs_history(self) -> bool:
        """Say whether more than the day of the newest sample decides."""
        return self.steps is not None or self.interval.counts or any(each.counts for each in self.before)

    def due_on(self, counted_on: date | None, counted: Sequence[datetime] = ()) -> date | None:
        """Return the due day; a shortened rule lets nobody fall due at once (1H.7)."""
        if self.steps is not None:
            return self.steps.due(counted)
        if counted_on is None:
            return self.starts_on
        due = self.interval.due(counted_on, counted)
        if counted_on >= self.rule.effective_from or not self.before:
            return due
        was_due = min(each.due(counted_on, counted) for each in self.before)
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

    @property
    def needs_history(self) -> bool:
        """Say whether every sample that counts is needed, not only the day of the newest."""
        return any(term.needs_history for term in self.terms)

    def due(self, counted_on: date | None, counted: Sequence[datetime] = ()) -> tuple[date, Term] | None:
        """Return the due day and the strictest rule, which sets it; `counted`: every sample that counts."""
        found = [
            (due_on, term) for term in self.terms if (due_on := term.due_on(counted_on, counted)) is not None
        ]
        return min(
            found,
            key=lambda each: (each[0], each[1].interval.strictness(), each[1].rule.rule_id),
            default=None,
        )

    def plain(self, counted: Sequence[datetime] = ()) -> tuple[Interval, date] | None:
        """Return the one interval that decides for every sample from a day on, if there is such.

        An event whose samples have all been taken asks for nothing more.
        """
        terms = [term for term in self.terms if term.steps is None or term.steps.due(counted) is not None]
        if not terms or any(term.needs_history for term in terms):
            return None
        from_on = max(term.rule.effective_from for term in terms)
        strictest = min((term.interval for term in terms), key=Interval.strictness)
        months = [term.interval.months for term in terms if term.interval.months is not None]
        if strictest.days is not None and months and strictest.days > SHORTEST_MONTH * min(months):
            return None
        return strictest, from_on


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
    opened = [
        each for event in person.events if event.day <= day for each in event_terms(event, person, book)
    ]
    lifted = [each for each in person.exemptions if each.kind != SUSPENDED]
    withheld = [each for each in person.exemptions if each.kind == SUSPENDED]
    withheld += [each for event in person.events for each in _isolation(event, person, book)]
    return Duty(
        terms=(*terms, *(term for term in opened if _still(term, person, day))),
        exempt=_window(lifted, day),
        suspended=_window(withheld, day),
        changes_on=min((each for each in _turning_days(person, book) if each > day), default=None),
    )


def _terms(enrolment: Enrolment, person: Person, *, book: RuleBook, day: date) -> Iterable[Term]:
    switch = switches_on(person.vaccinated_on)
    vaccinated = switch is not None and switch <= day
    code = _category(enrolment.category_code, book, vaccinated=vaccinated)
    for rule in in_force(book.rules.get(code, ()), areas=enrolment.areas, day=day):
        interval = _interval(rule, vaccinated=vaccinated)
        starts_on = max(enrolment.enrolled_on, since(rule, book), book.go_live_on)
        if interval is None or starts_on > day:
            continue
        earlier = in_force(book.rules[code], areas=enrolment.areas, day=rule.effective_from - DAY)
        before = (_interval(each, vaccinated=vaccinated) for each in earlier)
        yield Term(rule, interval, starts_on, tuple(each for each in before if each is not None))


def event_terms(event: Event, person: Person, book: RuleBook) -> list[Term]:
    """Return what an event has opened, by the rules in force on its day; nothing before go-live."""
    if event.day < book.go_live_on:
        return []
    areas = next((each.areas for each in person.enrolments if each.category_code == event.category_code), ())
    rules = in_force(book.rules.get(event.category_code, ()), areas=areas, day=event.day)
    return [
        Term(rule, Interval(), event.day, steps=steps_of(event, rule.occasion), event=event)
        for rule in rules
        if rule.occasion is not None and rule.occasion.event in (None, event.kind)
    ]


def _still(term: Term, person: Person, day: date) -> bool:
    """Say whether an event binds on: not taken back, and whoever was enrolled for it has not left."""
    event = term.event
    if event is None or (event.ended_on is not None and event.ended_on <= day):
        return False
    places = [each for each in person.enrolments if each.category_code == event.category_code]
    return not places or any(each.left_on is None or day < each.left_on for each in places)


def _isolation(event: Event, person: Person, book: RuleBook) -> Iterable[Exemption]:
    """Yield the days on which somebody isolated may not work: from the event to the release."""
    for term in event_terms(event, person, book):
        if term.rule.occasion is None or term.rule.occasion.isolation_days is None:
            continue
        ends = [day for day in (event.released_on, event.ended_on) if day is not None]
        last = min(ends) - DAY if ends else FOR_GOOD
        if last >= event.day:
            yield Exemption(SUSPENDED, event.day, last)


def _category(code: str, book: RuleBook, *, vaccinated: bool) -> str:
    return book.vaccinated_as.get(code, code) if vaccinated else code


def _interval(rule: Rule, *, vaccinated: bool) -> Interval | None:
    return (rule.vaccinated_interval or rule.interval) if vaccinated else rule.interval


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
    for event in person.events:
        yield event.day
        yield from (day for day in (event.released_on, event.ended_on) if day is not None)
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
