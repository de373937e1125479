"""Pure: when a breach counts, what each bulletin owes, which stage that is, and when silence is chased.

Contract §6, requirements 1F.1-1F.2 and 1H.1-1H.2; decision 0046.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Owed = Literal["task.written_report", "task.interview", "report.upward"]
Stage = Literal["open", "written_report", "interview", "reported_upward", "closed"]
IsWorkday = Callable[[date], bool]

WRITTEN_REPORT: Final = "task.written_report"
INTERVIEW: Final = "task.interview"
UPWARD: Final = "report.upward"
# What a step of the contract settles.
SETTLES: Final[Mapping[str, Owed]] = {"written_report": WRITTEN_REPORT, "interview": INTERVIEW}
WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A 通报 of a case: its number in the order of issue, and the Monday of the week in breach."""

    seq: int
    week: date


@dataclass(frozen=True, slots=True)
class Interview:
    """A recorded interview: the day it was held, and the newest bulletin when it was recorded."""

    after_seq: int
    day: date


@dataclass(frozen=True, slots=True)
class Told:
    """A bulletin that stands, of one unit, and the day by which what it owes is due, if it owes anything."""

    week: date
    due_on: date | None


def owed(
    standing: Iterable[Bulletin], interviews: Iterable[Interview], *, interview_at: int
) -> dict[int, Owed | None]:
    """Return what each bulletin that stands owes, by `seq`; None: an interview has dealt with its week.

    Up to `interview_at` a written report each; from there on an interview, until one is recorded; after it
    a report upward for each breach of a later week. An interview that fewer bulletins stand behind than it
    takes, since some were revoked, does not count any more.
    """
    live = sorted(standing, key=lambda one: one.seq)
    held = [each for each in interviews if sum(one.seq <= each.after_seq for one in live) >= interview_at]
    return {
        one.seq: WRITTEN_REPORT if position < interview_at else _beyond(one, live, held)
        for position, one in enumerate(live, start=1)
    }


def _beyond(bulletin: Bulletin, live: Sequence[Bulletin], held: Sequence[Interview]) -> Owed | None:
    before = [each for each in held if each.after_seq < bulletin.seq]
    if not before:
        return INTERVIEW
    return UPWARD if any(_follows(bulletin, each, live) for each in before) else None


def _follows(bulletin: Bulletin, interview: Interview, live: Sequence[Bulletin]) -> bool:
    """Say whether a breach is a new one after an interview: of a later week that ended after it."""
    about = max(one.week for one in live if one.seq <= interview.after_seq)
    return bulletin.week > about and sunday(bulletin.week) >= interview.day


def stage_of(owes: Mapping[int, Owed | None], *, interview_at: int, closed: bool) -> Stage:
    """Return the rung that a case has reached; `open`: no bulletin stands."""
    if closed:
        return "closed"
    if not owes:
        return "open"
    if UPWARD in owes.values():
        return "reported_upward"
    return "interview" if len(owes) >= interview_at else "written_report"


def continues(week: date, judged_on: date, told: Iterable[Told], breached: Collection[date]) -> bool:
    """Say whether a week only goes on with what a bulletin has told of and whose answer is not yet due.

    Such a week counts again once the due day has come by the day of its evaluation. A clean week between
    makes it a new breach, which counts at once. `breached`: the weeks of the unit that were in breach.
    """
    return any(
        each.due_on is not None and judged_on < each.due_on and _unbroken(each.week, week, breached)
        for each in told
    )


def _unbroken(one: date, other: date, breached: Collection[date]) -> bool:
    between, last = min(one, other) + WEEK, max(one, other)
    while between < last:
        if between not in breached:
            return False
        between += WEEK
    return True


def starts_again(week: date, closed_on: date, *, clean_days: int) -> bool:
    """Say whether a closed case had stayed clean long enough before this week to count from zero."""
    return week >= closed_on + clean_days * DAY


def sunday(week: date) -> date:
    """Return the last day of the week that begins on this Monday."""
    return week + 6 * DAY


def workdays_later(day: date, count: int, workday: IsWorkday) -> date:
    """Return the day so many workdays after a day."""
    left = count
    while left > 0:
        day += DAY
        left -= workday(day)
    return day


def chases(due_on: date, today: date, *, every: int, workday: IsWorkday) -> int:
    """Return how often something was to be chased for by a day: every so many workdays after it was due."""
    passed, day = 0, due_on
    while day < today:
        day += DAY
        passed += workday(day)
    return passed // every


def next_chase(due_on: date, sent: int, *, every: int, workday: IsWorkday) -> date:
    """Return the day of the chase that follows so many."""
    return workdays_later(due_on, (sent + 1) * every, workday)
