"""What is known of people's samples around a week, read by the set: what counts, and what is under test."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from registry.figures import queries
from registry.figures.rules import DAY, WEEK, Counted, Tube, Upto, counted_from, under_test
from registry.statuses import past
from registry.statuses.display import midnight
from registry.statuses.duties import Person
from registry.statuses.facts import Fact
from registry.statuses.loading import limits_of, load_facts
from registry.statuses.rules import decide
from shared.context import Context
from shared.db import Session, fetch_all


async def tubes_of(
    session: Session, context: Context[Any], person_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, tuple[bool, tuple[Tube, ...]]]:
    """Return of each person whether more than plain negatives is known, and what is under test."""
    pending = limits_of(context.settings).pending
    rows = await fetch_all(session, queries.STATUSES, person_ids=list(person_ids))
    return {
        row["person_id"]: (
            row["special"],
            under_test(
                (Tube(*each) for each in zip(row["pending_at"], row["pending_limits"], strict=True)),
                now=now,
                pending=pending,
            ),
        )
        for row in rows
    }


async def counting_in(
    session: Session,
    people: Mapping[UUID, Person],
    statuses: Mapping[UUID, tuple[bool, tuple[Tube, ...]]],
    *,
    monday: date,
) -> dict[UUID, tuple[Upto, tuple[datetime, ...] | None]]:
    """Return what counts by each day for people, and the times behind it (None: there is more to it).

    Where there is more than plain negatives, or an event opened steps, every fact is read; of others the
    samples of this week and the one before, with the newest of those before.
    """
    whole = [each for each, person in people.items() if person.events or statuses.get(each, (True, ()))[0]]
    facts = await load_facts(session, whole)
    rows = await fetch_all(
        session,
        queries.SAMPLES,
        person_ids=[each for each in people if each not in facts],
        from_at=midnight(monday - WEEK),
        ends_at=midnight(monday + WEEK),
    )
    times = {row["person_id"]: tuple(row["times"]) for row in rows}
    found: dict[UUID, tuple[Upto, tuple[datetime, ...] | None]] = {
        each: (_from_facts(listed), None) for each, listed in facts.items()
    }
    for person_id in people:
        if person_id not in found:
            own = times.get(person_id, ())
            found[person_id] = (counted_from(own), own)
    return found


def _from_facts(facts: Sequence[Fact]) -> Upto:
    def upto(day: date) -> Counted:
        at = midnight(day + DAY) - timedelta(microseconds=1)
        testing = decide(fact for fact in facts if past.taken_by(fact, at))
        return Counted(testing.counted_on, testing.counted)

    return upto
