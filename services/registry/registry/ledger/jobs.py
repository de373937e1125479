"""Handlers of facts: samples bound, results applied, reviews recorded.

Each takes the people concerned in person order, adds the facts, and works the statuses out in a
statement of its own after that, which sees every fact committed before it had the person.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, Final
from uuid import UUID, uuid5

from registry.ledger import plain_queries, queries
from registry.rechecks import following as rechecks
from registry.sequencer.service import number_after_commit
from registry.statuses import service as statuses
from registry.statuses.facts import day_of
from shared.bus import publish
from shared.context import Context
from shared.db import Session, copy_rows, execute, fetch_all, fetch_many, fetch_value
from shared.messages import (
    LabOriginChanged,
    NegativesApplied,
    ResultsApplied,
    ReviewRecorded,
    SamplesBound,
)
from shared.messages.facts import full_column
from shared.result_ids import prefix_of, result_id

CHUNK: Final = 2500


async def samples_bound(session: Session, message: SamplesBound, context: Context[Any]) -> None:
    """Add samples; people show as pending until a result of the tube is known."""
    now = await context.clock.now(session)
    samples = {(each.person_id, each.tube_id): each for each in message.samples}.values()
    people = sorted({each.person_id for each in samples})
    await execute(session, queries.LOCK_PEOPLE, person_ids=people)
    await execute(
        session,
        queries.INSERT_SAMPLES,
        person_ids=[each.person_id for each in samples],
        tube_ids=[each.tube_id for each in samples],
        tube_codes=[each.tube_code for each in samples],
        modes=[each.mode for each in samples],
        collected_ats=[datetime.fromisoformat(each.collected_at) for each in samples],
        lab_codes=[each.lab_code for each in samples],
        paired_withs=[each.paired_with for each in samples],
        limit_ats=[_time(each.result_due_at) for each in samples],
        now=now,
    )
    await _recompute(session, context, people, now=now)


async def results_applied(session: Session, message: ResultsApplied, context: Context[Any]) -> None:
    """Add results; plain negatives of ordinary people are settled in SQL, everybody else from the facts."""
    now = await context.clock.now(session)
    reported_at = datetime.fromisoformat(message.reported_at)
    parameters = {"lab_code": message.lab_code, "reported_at": reported_at, "now": now}
    await execute(session, queries.NO_SCANS)
    await execute(session, queries.CREATE_STAGE)
    await copy_rows(session, queries.STAGE, queries.COLUMNS, _records(message))
    today = day_of(now)
    known = {"lab_code": message.lab_code, "today": today}
    all_plain = await fetch_value(session, queries.ALL_PLAIN, **known)
    special = [] if all_plain else await fetch_all(session, queries.LOCK, **known)
    await execute(session, queries.INSERT_FACTS, **parameters)
    left = await fetch_all(session, queries.APPLY, today=today, **parameters)
    number_after_commit(session, context)
    # Whoever was plain a moment ago and is no longer goes the long way after all.
    people = [row["person_id"] for row in (left if all_plain else special)]
    await _recompute(session, context, people, now=now)


async def negatives_applied(session: Session, message: NegativesApplied, context: Context[Any]) -> None:
    """Settle plain negatives in one statement; what is not so plain here goes the way of all the others."""
    now = await context.clock.now(session)
    await fetch_many(session, queries.NO_SCANS)
    left = await fetch_many(
        session,
        plain_queries.NEGATIVES,
        people=message.people,
        rows=message.rows,
        modes=message.modes,
        collected=message.collected,
        tested=message.tested,
        prefix=prefix_of(message.batch_id),
        lab_code=message.lab_code,
        reported_at=datetime.fromisoformat(message.reported_at),
        today=day_of(now),
        now=now,
    )
    number_after_commit(session, context)
    for start in range(0, len(left), CHUNK):
        await publish(session, _as_results(message, left[start : start + CHUNK]), now=now)


def _as_results(message: NegativesApplied, rows: Sequence[Mapping[str, Any]]) -> ResultsApplied:
    return ResultsApplied(
        lab_code=message.lab_code,
        reported_at=message.reported_at,
        person_id=tuple(row["person_id"] for row in rows),
        result_id=tuple(result_id(message.batch_id, row["row"]) for row in rows),
        outcome=("negative",),
        mode=tuple(row["mode"] for row in rows),
        test_kind=("pcr",),
        collected_at=tuple(row["collected_at"].isoformat() for row in rows),
        tested_at=tuple(row["tested_at"].isoformat() for row in rows),
    )


async def review_recorded(session: Session, message: ReviewRecorded, context: Context[Any]) -> None:
    """Add a review; it holds for everybody the result concerns, also for those matched later."""
    now = await context.clock.now(session)
    people = sorted(set(message.person_ids))
    await execute(session, queries.LOCK_PEOPLE, person_ids=people)
    await execute(
        session,
        queries.INSERT_REVIEW,
        result_id=message.result_id,
        review_id=message.review_id,
        revision=message.revision,
        verdict=message.verdict,
        reviewed_at=datetime.fromisoformat(message.reviewed_at),
        now=now,
    )
    await _recompute(session, context, people, now=now)


async def lab_origin_changed(session: Session, message: LabOriginChanged, _context: Context[Any]) -> None:
    """Keep where a laboratory is from, from that moment on."""
    told_at = datetime.fromisoformat(message.at)
    key = {"lab_code": message.lab_code, "region": message.region}
    await execute(session, queries.ADD_ORIGIN, told_at=told_at, **key)


async def _recompute(session: Session, context: Context[Any], people: list[UUID], *, now: datetime) -> None:
    for start in range(0, len(people), CHUNK):
        some = people[start : start + CHUNK]
        await statuses.recompute(session, context, person_ids=some, now=now)
        await rechecks.follow(session, context, people=some, now=now)


def _records(message: ResultsApplied) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the stage, in the order of its columns."""
    rows = len(message.person_id)
    collected = map(datetime.fromisoformat, message.collected_at)
    tested = map(datetime.fromisoformat, message.tested_at)
    outcome, mode, test_kind = (
        full_column(values, rows) for values in (message.outcome, message.mode, message.test_kind)
    )
    tube = (full_column(values, rows) for values in (message.tube_id, message.tube_code, message.paired_with))
    if not (message.replaces or message.from_positive or message.withdrawn):
        plain = (kind == "pcr" and said == "negative" for kind, said in zip(test_kind, outcome, strict=True))
        return zip(
            message.person_id, message.result_id, repeat("result", rows), outcome, mode, test_kind,
            collected, tested, *tube, repeat(None, rows), repeat(None, rows), repeat(False, rows), plain,
            strict=True,
        )  # fmt: skip
    columns = zip(
        message.person_id, message.result_id, outcome, mode, test_kind, collected, tested, *tube,
        full_column(message.replaces, rows),
        full_column(message.from_positive, rows, False),
        full_column(message.withdrawn, rows, False),
        strict=True,
    )  # fmt: skip
    return map(_record, columns)


def _record(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the row of a result that may be a correction; a withdrawal has an id of its own beside it."""
    person_id, result_id, outcome, mode, test_kind, *times_and_tube, replaces, from_positive, withdrawn = (
        columns
    )
    kind, entry_id = ("withdrawal", uuid5(result_id, "withdrawal")) if withdrawn else ("result", result_id)
    plain = (
        outcome == "negative"
        and test_kind == "pcr"
        and replaces is None
        and not from_positive
        and not withdrawn
    )
    own = result_id if withdrawn else None
    return (person_id, entry_id, kind, outcome, mode, test_kind, *times_and_tube, own, replaces,
            from_positive, plain)  # fmt: skip


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
