"""What a member of a pool owes. Pure (requirements rows 74 and 77, both routes of 1F.11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from registry.statuses.facts import INVALID, MIXED, RESULT, SAMPLE, SINGLE, Fact
from registry.statuses.rules import unsettled_pools

RETAINED: Final = "retained"
NEW: Final = "new"
WAITING: Final = "waiting"
SAMPLED: Final = "sampled"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long there is for either route, and whether retained singles are used at all."""

    retained: timedelta
    new: timedelta
    use_retained: bool


@dataclass(frozen=True, slots=True)
class Recheck:
    """What one member of one pool owes; `tube_code` is the single to be tested, once there is one."""

    pool: Fact
    route: str
    state: str
    tube_code: str | None
    ordered_at: datetime
    due_at: datetime


def rechecks_of(facts: Sequence[Fact], terms: Terms) -> list[Recheck]:
    """Return what a person still owes, the most urgent first."""
    found = [_recheck(pool, facts, terms) for pool in unsettled_pools(facts)]
    return sorted(found, key=lambda each: (each.due_at, each.pool.entry_id))


def _recheck(pool: Fact, facts: Sequence[Fact], terms: Terms) -> Recheck:
    """Return the retained single if it is still of use, else the new one that is owed or on its way.

    A retained single that turned out invalid is used up; the new one is due from that moment on.
    """
    replaced = {fact.replaces for fact in facts}
    spoiled = {
        fact.tube_id: fact
        for fact in facts
        if fact.kind == RESULT and fact.outcome == INVALID and fact.tube_id and fact.result_id not in replaced
    }
    singles = [fact for fact in facts if fact.kind == SAMPLE and fact.mode == SINGLE]
    kept = [fact for fact in singles if is_paired(fact, pool)]
    ordered_at = _told(pool)
    usable = [fact for fact in kept if fact.tube_id not in spoiled]
    if usable and terms.use_retained:
        code = min(fact.tube_code or "" for fact in usable)
        return Recheck(pool, RETAINED, SAMPLED, code, ordered_at, ordered_at + terms.retained)
    lost = [_told(spoiled[fact.tube_id]) for fact in kept if fact.tube_id in spoiled]
    ordered_at = max([ordered_at, *lost]) if terms.use_retained else ordered_at
    taken = [
        fact
        for fact in singles
        if fact not in kept and fact.tube_id not in spoiled and _collected(fact) >= _collected(pool)
    ]
    newest = max(taken, key=_collected, default=None)
    return Recheck(
        pool=pool,
        route=NEW,
        state=WAITING if newest is None else SAMPLED,
        tube_code=None if newest is None else newest.tube_code,
        ordered_at=ordered_at,
        due_at=ordered_at + terms.new,
    )


def is_paired(single: Fact, pool: Fact) -> bool:
    """Say whether a single was kept beside the pool: either may name the other."""
    if single.mode == MIXED:
        return False
    named = pool.tube_code is not None and single.paired_with == pool.tube_code
    return named or (single.tube_code is not None and pool.paired_with == single.tube_code)


def overdue(rechecks: Iterable[Recheck], *, now: datetime) -> bool:
    """Say whether one of them is past its time."""
    return any(each.due_at < now for each in rechecks)


def _told(fact: Fact) -> datetime:
    return fact.reported_at or fact.tested_at or _collected(fact)


def _collected(fact: Fact) -> datetime:
    if fact.collected_at is None:
        message = "a sample without a time of collection"
        raise ValueError(message)
    return fact.collected_at
