"""What a member of a pool owes, and how far it has come. Pure (rows 74 and 77, both routes of 1F.11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from registry.statuses.facts import INVALID, MIXED, RESULT, SAMPLE, SINGLE, Fact
from registry.statuses.rules import standing_pools, unsettled_pools

RETAINED: Final = "retained"
NEW: Final = "new"
WAITING: Final = "waiting"
SAMPLED: Final = "sampled"
RESULTED: Final = "resulted"
ENDED: Final = "ended"


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
    sampled_at: datetime | None
    lab_code: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A re-check as results-ingest times it; `lab_code` only where a laboratory has the single already."""

    pool_id: UUID
    route: str
    pool_code: str
    lab_code: str | None
    opened_at: datetime
    state: str
    sampled_at: datetime | None
    resulted_at: datetime | None = None


def orders_of(facts: Sequence[Fact], terms: Terms, *, known: Mapping[tuple[UUID, str], Order]) -> list[Order]:
    """Return the orders of a person that are new or stand otherwise than `known`, by pool and route.

    What is no longer owed was resulted if a single settled its pool, else it ended: the pool was taken
    back, or the other route is gone now.
    """
    owed = {
        (order.pool_id, order.route): order for each in rechecks_of(facts, terms) for order in [_order(each)]
    }
    settled = {pool.result_id: at for pool, at in standing_pools(facts) if at is not None}
    for key, order in known.items():
        if key not in owed and order.state in (WAITING, SAMPLED):
            at = settled.get(order.pool_id)
            owed[key] = replace(order, state=RESULTED if at else ENDED, resulted_at=at)
    return [order for key, order in sorted(owed.items()) if known.get(key) != order]


def _order(each: Recheck) -> Order:
    pool = each.pool
    return Order(
        pool_id=_id(pool),
        route=each.route,
        pool_code=pool.tube_code or str(pool.result_id),
        lab_code=each.lab_code or pool.lab_code if each.route == RETAINED else None,
        opened_at=each.ordered_at,
        state=each.state,
        sampled_at=each.sampled_at,
    )


def rechecks_of(
    facts: Sequence[Fact], terms: Terms, *, limits: Mapping[tuple[UUID, str], datetime] | None = None
) -> list[Recheck]:
    """Return what a person still owes, the most urgent first; `limits` by pool and route replace terms."""
    found = [_recheck(pool, facts, terms) for pool in unsettled_pools(facts)]
    found = [
        replace(each, due_at=(limits or {}).get((_id(each.pool), each.route), each.due_at)) for each in found
    ]
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
        single = min(usable, key=lambda fact: fact.tube_code or "")
        return Recheck(
            pool=pool,
            route=RETAINED,
            state=SAMPLED,
            tube_code=single.tube_code,
            ordered_at=ordered_at,
            due_at=ordered_at + terms.retained,
            sampled_at=single.collected_at,
            lab_code=single.lab_code,
        )
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
        sampled_at=None if newest is None else newest.collected_at,
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


def _id(pool: Fact) -> UUID:
    return pool.result_id or pool.entry_id


def _told(fact: Fact) -> datetime:
    return fact.reported_at or fact.tested_at or _collected(fact)


def _collected(fact: Fact) -> datetime:
    if fact.collected_at is None:
        message = "a sample without a time of collection"
        raise ValueError(message)
    return fact.collected_at
