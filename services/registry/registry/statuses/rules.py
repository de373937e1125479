"""What a person's testing state is: a pure function of the set of facts about their samples.

Facts may come in any order and any number of times; nothing here looks at the order or at a clock
(contract §5, "What results do"). Knows nothing of duties, due dates or the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from registry.statuses.facts import (
    ANTIBODY,
    ANTIGEN,
    CONFIRMED,
    INDETERMINATE,
    INVALID,
    MIXED,
    NEGATIVE,
    PCR,
    POSITIVE,
    REFUTED,
    RELEASED,
    RESULT,
    REVIEW,
    SAMPLE,
    SINGLE,
    UNDER_RECHECK,
    WITHDRAWAL,
    Fact,
    LastResult,
    Testing,
    Waiting,
    day_of,
)

_RANK: Final = {NEGATIVE: 0, INDETERMINATE: 1, POSITIVE: 2}
_SUSPECT: Final = frozenset({POSITIVE, INDETERMINATE})


@dataclass(frozen=True, slots=True)
class _Counting:
    """A result that counts: what it counts as, and whether it stops later samples from counting."""

    result: Fact
    outcome: str
    reviewed: bool
    blocks: str | None = None


@dataclass(slots=True)
class _Findings:
    counting: list[_Counting] = field(default_factory=list)
    pools: list[Fact] = field(default_factory=list)
    antigens: list[Fact] = field(default_factory=list)
    held: bool = False


class _Read(NamedTuple):
    """A person's facts, each once, in the order in which they are decided on."""

    samples: list[Fact]
    results: list[Fact]
    withdrawals: list[Fact]
    replaced: set[UUID]
    live: list[Fact]
    singles: list[Fact]
    findings: _Findings


def decide(facts: Iterable[Fact]) -> Testing:
    """Return the testing state that follows from a person's facts."""
    read = _read(facts)
    findings = read.findings
    open_pool = any(not _settled(pool, read.singles) for pool in findings.pools)
    open_antigen = any(not any(_at(s) >= _at(a) for s in read.singles) for a in findings.antigens)
    hold, shown, counted = _choose(findings, withheld=findings.held or open_pool or open_antigen)
    return Testing(
        hold=hold,
        last=None if shown is None else _as_last(shown),
        counted_on=None if counted is None else day_of(_at(counted.result)),
        waiting=_waiting(read.samples, read.live),
        special=bool(read.withdrawals or read.replaced) or any(_is_special(fact) for fact in read.results),
        counted=() if counted is None else _until(findings.counting, counted),
    )


def unsettled_pools(facts: Iterable[Fact]) -> list[Fact]:
    """Return the results of pools for which a person is still to be tested singly (contract §5.2)."""
    return [pool for pool, settled_at in standing_pools(facts) if settled_at is None]


def standing_pools(facts: Iterable[Fact]) -> list[tuple[Fact, datetime | None]]:
    """Return each result of a pool that asks for a single, and when the first that settles it was told."""
    read = _read(facts)
    settling = {
        pool.entry_id: [_told(single) for single in read.singles if _settles(single, pool)]
        for pool in read.findings.pools
    }
    return [(pool, min(settling[pool.entry_id], default=None)) for pool in read.findings.pools]


def _read(facts: Iterable[Fact]) -> _Read:
    known = {(fact.kind, fact.entry_id): fact for fact in facts}.values()
    results = [fact for fact in known if fact.kind == RESULT]
    withdrawals = [fact for fact in known if fact.kind == WITHDRAWAL]
    verdicts = _verdicts(fact for fact in known if fact.kind == REVIEW)
    replaced = {fact.replaces for fact in (*results, *withdrawals) if fact.replaces is not None}
    live = [fact for fact in results if fact.result_id not in replaced]
    doubtful = _doubtful(results, verdicts)
    findings = _Findings(held=any(_withheld(fact, replaced, verdicts) for fact in withdrawals))
    for fact in live:
        _sort_in(findings, fact, verdict=verdicts.get(fact.result_id), doubted=fact.result_id in doubtful)
    singles = [
        fact for fact in live if fact.test_kind == PCR and fact.mode == SINGLE and fact.outcome != INVALID
    ]
    samples = [fact for fact in known if fact.kind == SAMPLE]
    return _Read(samples, results, withdrawals, replaced, live, singles, findings)


def _until(counting: Iterable[_Counting], newest: _Counting) -> tuple[datetime, ...]:
    """Return when the samples were taken that count, up to the newest that does."""
    return tuple(sorted({_at(each.result) for each in counting if _at(each.result) <= _at(newest.result)}))


def _verdicts(reviews: Iterable[Fact]) -> dict[UUID | None, str]:
    """Return the verdict of the highest revision of each result."""
    newest: dict[UUID | None, Fact] = {}
    for review in reviews:
        held = newest.get(review.result_id)
        if held is None or (review.revision, review.entry_id) > (held.revision, held.entry_id):
            newest[review.result_id] = review
    return {result_id: review.verdict or "" for result_id, review in newest.items()}


def _doubtful(results: Sequence[Fact], verdicts: dict[UUID | None, str]) -> set[UUID | None]:
    """Return corrections that turn a positive into something else, also by way of another correction.

    Otherwise two corrections in a row would lift a positive that nobody has reviewed.
    """
    by_id = {fact.result_id: fact for fact in results}
    doubtful: set[UUID | None] = set()
    for fact in results:
        step: Fact | None = fact
        seen: set[UUID | None] = set()
        while step is not None and step.result_id not in seen:
            if step.from_positive:
                doubtful.add(fact.result_id)
                break
            seen.add(step.result_id)
            step = by_id.get(step.replaces) if step.replaces is not None else None
            if step is not None and verdicts.get(step.result_id) == REFUTED:
                break
    return doubtful


def _withheld(fact: Fact, replaced: set[UUID], verdicts: dict[UUID | None, str]) -> bool:
    """Say whether a positive that was taken back from a person still waits for its review."""
    return fact.from_positive and fact.result_id not in replaced and fact.result_id not in verdicts


def _sort_in(findings: _Findings, fact: Fact, *, verdict: str | None, doubted: bool) -> None:
    in_question = doubted or fact.outcome in _SUSPECT
    if fact.test_kind == ANTIBODY or (fact.outcome == INVALID and not doubted):
        return
    if fact.mode == MIXED:
        _sort_in_pool(findings, fact, verdict=verdict, doubted=doubted)
    elif not in_question:
        if fact.test_kind == PCR:
            findings.counting.append(_Counting(fact, NEGATIVE, verdict is not None))
    elif verdict in (CONFIRMED, RELEASED):
        blocks = POSITIVE if verdict == CONFIRMED else None
        findings.counting.append(_Counting(fact, POSITIVE, reviewed=True, blocks=blocks))
    elif verdict == REFUTED:
        if fact.test_kind == PCR and fact.outcome != INVALID:
            findings.counting.append(_Counting(fact, NEGATIVE, reviewed=True))
    elif fact.test_kind == ANTIGEN and not doubted:
        findings.antigens.append(fact)
    elif fact.test_kind == ANTIGEN or fact.outcome == INVALID:
        findings.held = True
    else:
        findings.counting.append(
            _Counting(fact, fact.outcome or NEGATIVE, reviewed=False, blocks=UNDER_RECHECK)
        )


def _sort_in_pool(findings: _Findings, fact: Fact, *, verdict: str | None, doubted: bool) -> None:
    """A pool settles nothing: it counts when it is negative, else everybody in it is tested again."""
    stands = fact.outcome in _SUSPECT or (doubted and verdict != REFUTED)
    if fact.test_kind == ANTIGEN:
        if stands and verdict != REFUTED:
            findings.antigens.append(fact)
    elif stands:
        findings.pools.append(fact)
    elif fact.outcome == NEGATIVE:
        findings.counting.append(_Counting(fact, NEGATIVE, verdict is not None))


def _settled(pool: Fact, singles: Sequence[Fact]) -> bool:
    """Say whether a single of the person settles the pool: paired with it, or not taken before it."""
    return any(_settles(single, pool) for single in singles)


def _settles(single: Fact, pool: Fact) -> bool:
    return (
        _at(single) >= _at(pool)
        or (pool.tube_code is not None and single.paired_with == pool.tube_code)
        or (single.tube_code is not None and pool.paired_with == single.tube_code)
    )


def _choose(findings: _Findings, *, withheld: bool) -> tuple[str | None, _Counting | None, _Counting | None]:
    """Return the hold, the result to show and the one that due dates count from."""
    blocking = [each for each in findings.counting if each.blocks is not None]
    if blocking:
        confirmed = [each for each in blocking if each.blocks == POSITIVE]
        hold = POSITIVE if confirmed else UNDER_RECHECK
        return hold, _newest(confirmed or blocking), _newest(blocking)
    newest = _newest(findings.counting)
    if newest is not None and newest.outcome == POSITIVE:
        return POSITIVE, newest, newest
    return (UNDER_RECHECK if withheld else None), newest, newest


def _newest(counting: Sequence[_Counting]) -> _Counting | None:
    """Return what decides: the newest sample, and at equal times the order of contract §5.5."""
    if not counting:
        return None
    top = max((_at(c.result), _RANK[c.outcome], _tested(c.result)) for c in counting)
    ties = [c for c in counting if (_at(c.result), _RANK[c.outcome], _tested(c.result)) == top]
    return min(ties, key=_among_equals)


def _among_equals(each: _Counting) -> tuple[str, bool, bool, UUID]:
    fact = each.result
    return (fact.lab_code or "", fact.mode != SINGLE, not each.reviewed, fact.entry_id)


def _waiting(samples: Iterable[Fact], live: Sequence[Fact]) -> tuple[Waiting, ...]:
    resulted = {fact.tube_id for fact in live if fact.outcome != INVALID}
    found = (
        Waiting(sample.tube_id, _at(sample), sample.limit_at)
        for sample in samples
        if sample.tube_id is not None and sample.tube_id not in resulted
    )
    return tuple(sorted(found, key=lambda each: (each.collected_at, each.tube_id)))


def _is_special(fact: Fact) -> bool:
    if fact.from_positive or fact.test_kind == ANTIBODY:
        return fact.from_positive
    return fact.outcome in _SUSPECT


def _as_last(each: _Counting) -> LastResult:
    fact = each.result
    return LastResult(
        outcome=each.outcome,
        mode=fact.mode or SINGLE,
        collected_at=_at(fact),
        tested_at=_tested(fact),
        reported_at=fact.reported_at or _tested(fact),
        lab_code=fact.lab_code or "",
        reviewed=each.reviewed,
    )


def _at(fact: Fact) -> datetime:
    if fact.collected_at is None:
        message = "a sample without a time of collection"
        raise ValueError(message)
    return fact.collected_at


def _told(fact: Fact) -> datetime:
    return fact.reported_at or _tested(fact)


def _tested(fact: Fact) -> datetime:
    return fact.tested_at or _at(fact)
