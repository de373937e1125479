"""When goods and premises of a unit are next due. Pure (requirements rows 20-23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from registry.statuses.book import PERSON, Rule, in_force
from registry.statuses.facts import day_of

SUBJECTS: Final = ("item", "environment")
SAMPLE: Final = "sample"
ARRIVAL: Final = "arrival"
OK: Final = "ok"
DUE: Final = "due"
OVERDUE: Final = "overdue"
ON_EVENT: Final = "on_event"


@dataclass(frozen=True, slots=True)
class Happening:
    """A sample that was taken at a unit, or goods that arrived there; its outcome once it has a result."""

    subject: str
    what: str
    at: datetime
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """One rule about things of a unit; `due_on` is None where nothing is owed until goods arrive."""

    rule: Rule
    last_sampled_at: datetime | None
    last_outcome: str | None
    due_on: date | None
    state: str


def schedules_of(
    rules: Sequence[Rule],
    happened: Sequence[Happening],
    *,
    areas: Sequence[str],
    since: date,
    today: date,
) -> list[Schedule]:
    """Return what a plan owes by the rules in force today; never sampled: since its first day."""
    return [
        _schedule(rule, [each for each in happened if each.subject == subject], since=since, today=today)
        for subject in SUBJECTS
        for rule in _in_force(rules, subject, areas=areas, today=today)
    ]


def _in_force(rules: Sequence[Rule], subject: str, *, areas: Sequence[str], today: date) -> list[Rule]:
    """Return the rules about a subject: by the calendar and, beside them, on arrival."""
    about = [rule for rule in rules if rule.subject == subject and subject != PERSON]
    calendar = in_force(about, areas=areas, day=today, among=lambda rule: rule.interval is not None)
    return [*calendar, *in_force(about, areas=areas, day=today, among=lambda rule: rule.shape == ON_EVENT)]


def _schedule(rule: Rule, happened: Sequence[Happening], *, since: date, today: date) -> Schedule:
    newest = max((each for each in happened if each.what == SAMPLE), key=_order, default=None)
    last, outcome = (newest.at, newest.outcome) if newest else (None, None)
    if rule.interval is not None:
        first = max(since, rule.effective_from)
        due: date | None = first if last is None else rule.interval.after(day_of(last))
    else:
        waiting = [
            each.at
            for each in happened
            if each.what == ARRIVAL and day_of(each.at) >= since and (last is None or each.at > last)
        ]
        due = day_of(min(waiting)) if waiting else None
    if due is None or due > today:
        return Schedule(rule, last, outcome, due, OK)
    return Schedule(rule, last, outcome, due, OVERDUE if due < today else DUE)


def _order(happening: Happening) -> tuple[datetime, bool]:
    """Of one moment the sample with a result speaks."""
    return happening.at, happening.outcome is not None
