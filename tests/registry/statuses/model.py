"""The rules once more, slow and obvious: days are walked one by one, weeks are filled by trying.

Shares no code with the engine but the records that both read.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise

from registry.statuses.book import Rule, RuleBook
from registry.statuses.duties import Enrolment, Person
from registry.statuses.facts import SHANGHAI

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """What somebody must be told: `state` is `not_required`, `never_tested`, `in_time` or `overdue`."""

    due_on: date | None
    state: str
    rule_id: int | None = None


def answer(person: Person, samples: Sequence[datetime], book: RuleBook, today: date) -> Answer:
    """Return when somebody is due, walked through by hand."""
    exempt = any(
        each.kind != "suspended" and each.from_on <= today <= each.to_on for each in person.exemptions
    )
    days = sorted(samples)
    due = [
        (_due(rule, starts_on, person, days, book, today), _apart(rule, person, today), rule.rule_id)
        for enrolment in person.enrolments
        if enrolment.enrolled_on <= today and (enrolment.left_on is None or today < enrolment.left_on)
        for rule, starts_on in _binding(enrolment, person, book, today)
    ]
    due += [
        (day, 0.0, rule.rule_id)
        for event in person.events
        if event.day <= today and event.day >= book.go_live_on and event.ended_on is None
        if _is_still_there(person, event.category_code, today)
        for rule in _standing(book, event.category_code, _areas(person, event.category_code), event.day)
        if rule.occasion is not None and rule.occasion.event in (None, event.kind)
        for day in _owed([event.day + n * DAY for n in rule.occasion.days_for(event.variant)], days, event.at)
    ]
    if exempt or not due:
        return Answer(None, "not_required")
    first, _, rule_id = min(due)
    if not days:
        return Answer(first, "never_tested", rule_id)
    return Answer(first, "overdue" if today > first else "in_time", rule_id)


def _apart(rule: Rule, person: Person, today: date) -> float:
    """Return the mean days between two samples: of rules that fall due together the strictest is named."""
    interval = (rule.vaccinated_interval if _vaccinated(person, today) else None) or rule.interval
    assert interval is not None
    if interval.per_week is not None:
        return 7 / interval.per_week
    if interval.per_day is not None:
        return 1 / interval.per_day
    return float(interval.days) if interval.days is not None else 30.4 * (interval.months or 0)


def suspended(person: Person, book: RuleBook, today: date) -> bool:
    """Say whether somebody may not work, however well tested."""
    if any(each.kind == "suspended" and each.from_on <= today <= each.to_on for each in person.exemptions):
        return True
    return any(
        event.day <= today
        and event.day >= book.go_live_on
        and event.ended_on is None
        and (event.released_on is None or today < event.released_on)
        for event in person.events
        for rule in _standing(book, event.category_code, _areas(person, event.category_code), event.day)
        if rule.occasion is not None
        and rule.occasion.isolation_days is not None
        and rule.occasion.event in (None, event.kind)
    )


def _areas(person: Person, code: str) -> tuple[str, ...]:
    places = [each.areas for each in person.enrolments if each.category_code == code]
    return places[0] if places else ()


def _is_still_there(person: Person, code: str, today: date) -> bool:
    """Whoever was enrolled for it and has left owes nothing more."""
    places = [each for each in person.enrolments if each.category_code == code]
    return not places or not all(each.left_on is not None and each.left_on <= today for each in places)


def _binding(enrolment: Enrolment, person: Person, book: RuleBook, today: date) -> list[tuple[Rule, date]]:
    vaccinated = _vaccinated(person, today)
    code = enrolment.category_code
    if vaccinated:
        code = book.vaccinated_as.get(code, code)
    found = []
    for rule in _standing(book, code, enrolment.areas, today):
        if rule.interval is None:
            continue
        since = rule.effective_from
        while rule.effective_to is None:
            before = _open(book, code, rule.area_code, since - DAY)
            if before is None or before.interval is None:
                break
            since = before.effective_from
        starts_on = max(enrolment.enrolled_on, since, book.go_live_on)
        if starts_on <= today:
            found.append((rule, starts_on))
    return found


def _standing(book: RuleBook, code: str, areas: Sequence[str], day: date) -> list[Rule]:
    """Return what is law on a day: of each area the version last begun, and all that is limited."""
    found = []
    for area in (None, *areas):
        newest = _open(book, code, area, day)
        if newest is not None:
            found.append(newest)
    for rule in book.rules.get(code, ()):
        limited = rule.effective_to is not None and rule.effective_from <= day <= rule.effective_to
        if limited and _of_people(rule) and (rule.area_code is None or rule.area_code in areas):
            found.append(rule)
    return found


def _open(book: RuleBook, code: str, area: str | None, day: date) -> Rule | None:
    newest = None
    for rule in book.rules.get(code, ()):
        if rule.effective_to is not None or rule.area_code != area or rule.effective_from > day:
            continue
        if not _of_people(rule):
            continue
        place = (rule.effective_from, rule.version)
        if newest is None or place > (newest.effective_from, newest.version):
            newest = rule
    return newest


def _of_people(rule: Rule) -> bool:
    return rule.shape not in ("rolling_share", "nested_share") and rule.subject == "person"


def _vaccinated(person: Person, today: date) -> bool:
    if person.vaccinated_on is None:
        return False
    return _month_later(person.vaccinated_on, 1) <= today


def _month_later(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _due(
    rule: Rule, starts_on: date, person: Person, samples: list[datetime], book: RuleBook, today: date
) -> date:
    if not samples:
        return starts_on
    vaccinated = _vaccinated(person, today)
    due = _after(rule, samples, vaccinated=vaccinated)
    newest = _day(samples[-1])
    if newest >= rule.effective_from:
        return due
    areas = next(
        each.areas
        for each in person.enrolments
        if rule.category_code in (each.category_code, book.vaccinated_as.get(each.category_code))
    )
    was = [
        _after(each, samples, vaccinated=vaccinated)
        for each in _standing(book, rule.category_code, areas, rule.effective_from - DAY)
        if each.interval is not None
    ]
    # 1H.7: whoever would have been in time under the old law gets the new one's first day as well.
    if was and due < min(was):
        return max(due, min(*was, rule.effective_from + DAY))
    return due


def _after(rule: Rule, samples: list[datetime], *, vaccinated: bool) -> date:
    interval = (rule.vaccinated_interval or rule.interval) if vaccinated else rule.interval
    assert interval is not None
    newest = _day(samples[-1])
    if interval.per_day is not None:
        today = [each for each in samples if _day(each) == newest]
        return newest if len(today) < interval.per_day else newest + DAY
    if interval.per_week is not None:
        return _week(samples, interval.per_week, interval.gap_hours)
    if interval.days is not None:
        return newest + interval.days * DAY
    assert interval.months is not None
    return _month_later(newest, interval.months)


def _week(samples: list[datetime], times: int, gap_hours: int) -> date:
    """Return the last day to go on from which the week can still be filled: found by trying every way."""
    newest = _day(samples[-1])
    monday = newest
    while monday.weekday() != 0:
        monday -= DAY
    taken: list[datetime] = []
    for each in samples:
        if _day(each) >= monday and (not taken or (each - taken[-1]).total_seconds() >= gap_hours * 3600):
            taken.append(each)
    missing = times - len(taken)
    earliest = _day(taken[-1] + timedelta(hours=gap_hours))
    for start, wanted, first in ((monday, missing, earliest), (monday + 7 * DAY, times, monday)):
        if wanted <= 0:
            continue
        days = [start + n * DAY for n in range(7) if start + n * DAY >= first]
        ways = [
            way
            for way in combinations(days, wanted)
            if all((b - a).days * 24 >= gap_hours for a, b in pairwise(way))
        ]
        if ways:
            return max(way[0] for way in ways)
    raise AssertionError


def _owed(days: list[date], samples: list[datetime], at: datetime) -> list[date]:
    """Return the days that still lack their sample: each day takes its own first, the rest fill gaps."""
    left = [each for each in samples if each >= at]
    open_days = []
    before = date.min
    for day in days:
        own = [each for each in left if before < _day(each) <= day]
        if own:
            left = [each for each in left if _day(each) != _day(own[0])]
        else:
            open_days.append(day)
        before = day
    for day in list(open_days):
        later = [each for each in left if _day(each) > day]
        if later:
            left = [each for each in left if _day(each) != _day(later[0])]
            open_days.remove(day)
    return open_days


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
