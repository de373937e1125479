"""Where an event stands: its steps, what blocks a release, whether it was announced in time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from registry.statuses.duties import Term
from registry.statuses.facts import Testing, day_of
from registry.statuses.schedules import MISSED, OPEN, state_of

FINISHED = "finished"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Step:
    """One sample that is owed after an event, by the end of a day."""

    number: int
    due_on: date
    state: str
    sampled_at: datetime | None
    antibody: bool
    isolation: bool


def steps_of(terms: Sequence[Term], testing: Testing, *, today: date) -> list[Step]:
    """Return the steps of an event in the order they fall due."""
    found = []
    for term in terms:
        occasion = term.rule.occasion
        if term.steps is None or occasion is None:
            continue
        filled = term.steps.filled(testing.counted)
        last = None if occasion.isolation_days is None else occasion.isolation_days
        for place, (due, at) in enumerate(zip(term.steps.days, filled, strict=True)):
            found.append(
                Step(
                    number=place + 1,
                    due_on=due,
                    state=state_of(due, at, today=today),
                    sampled_at=at,
                    antibody=occasion.antibody and place == 0,
                    isolation=last is not None and (due - term.starts_on).days <= last,
                )
            )
    return sorted(found, key=lambda step: (step.due_on, step.number))


def state_of_event(steps: Sequence[Step], *, ended: bool) -> str:
    """Return `cancelled`, `missed`, `open` or `finished`."""
    if ended:
        return CANCELLED
    states = {step.state for step in steps}
    return next((state for state in (MISSED, OPEN) if state in states), FINISHED)


def earliest_release(terms: Sequence[Term]) -> date | None:
    """Return the first day on which the isolation of an event may end, None if it isolates nobody."""
    days = [
        term.starts_on + timedelta(days=term.rule.occasion.isolation_days)
        for term in terms
        if term.rule.occasion is not None and term.rule.occasion.isolation_days is not None
    ]
    return max(days, default=None)


def release_blocked(
    steps: Sequence[Step], testing: Testing, *, earliest: date, today: date
) -> list[tuple[str, str]]:
    """Return (field, code) of all that a release waits for: every negative, and its day (row 27)."""
    found = [
        (f"steps.{step.number}", "step_not_done")
        for step in steps
        if step.isolation and step.sampled_at is None
    ]
    if testing.hold is not None:
        found.append(("display", "not_negative"))
    if today < earliest:
        found.append(("earliest_release_on", "isolation_not_over"))
    return found


def announced(terms: Sequence[Term], *, at: datetime, told_at: datetime) -> tuple[int, bool | None]:
    """Return the days between the announcement and the event, and whether they suffice (row 28).

    None where no rule asks for a notice.
    """
    days = max(0, (day_of(at) - day_of(told_at)).days)
    wanted = [
        term.rule.occasion.notice_days
        for term in terms
        if term.rule.occasion is not None and term.rule.occasion.notice_days is not None
    ]
    return days, (days >= max(wanted) if wanted else None)
