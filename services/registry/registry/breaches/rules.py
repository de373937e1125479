"""What puts a unit in breach of a week. Pure (contract §6, decision 0047).

A week is a Monday-to-Sunday week in Asia/Shanghai, named by its Monday.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from registry.figures.rules import DAY, WEEK, monday_of
from registry.findings.rules import KIND_OF, NEVER_TESTED, NOT_ENROLLED, NOT_SAMPLED, OVERDUE

REASONS: Final = (OVERDUE, NEVER_TESTED, NOT_ENROLLED)


@dataclass(frozen=True, slots=True)
class Wanting:
    """Somebody on account of whom a unit is in breach, from the first day that counts against it.

    `entry_id` leads to the row of a spot check where nobody has registered the person.
    """

    reason: str
    since: date
    category_code: str | None = None
    person_id: UUID | None = None
    health_code_id: str | None = None
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """A group whose share was missed and not made up by the end of the Sunday."""

    finding_id: UUID
    check: str
    department_in_unit: str
    category_code: str
    percent: int
    numerator: int
    denominator: int
    period_from: date
    period_to: date


def week_to_judge(day: date, *, today: date) -> date | None:
    """Return the Monday of the week that the evaluation of a day judges, None for a day of an earlier week.

    That is the last week that is over: what a stopped system slept through before it is not judged.
    """
    running = monday_of(today)
    return running - WEEK if monday_of(day) == running else None


def sunday_of(week: date) -> date:
    """Return the last day of a week."""
    return week + WEEK - DAY


def breach_id(week: date, unit_code: str) -> UUID:
    """Return the id of a unit's breach of a week: the same whoever judges, however often."""
    return uuid5(NAMESPACE_URL, f"urn:yingjian:breach:{week.isoformat()}:{unit_code}")


def kinds_of(people: Iterable[Wanting], shares: Sequence[Short]) -> tuple[str, ...]:
    """Return the kinds of a breach, sorted; none: the unit was in order."""
    kinds = {KIND_OF[each.reason] for each in people}
    return tuple(sorted(kinds | {KIND_OF[NOT_SAMPLED] for _ in shares}))


def worst_first(people: Iterable[Wanting]) -> list[Wanting]:
    """Return people in the order in which they are named: who has been wanting longest first."""
    return sorted(people, key=lambda each: (each.since, each.reason, str(each.person_id or each.entry_id)))


def still_counts(period_to: date, make_up_days: int | None, *, sunday: date) -> bool:
    """Say whether a share that is not made up counts at the end of a Sunday.

    It does in the week in which its period ended, and later for as long as its rule lets it be made up:
    what nobody can put right any more is not a breach of each week to come.
    """
    if monday_of(period_to) == monday_of(sunday):
        return True
    return make_up_days is None or period_to + make_up_days * DAY >= sunday
