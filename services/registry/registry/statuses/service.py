"""Works out and stores people's statuses, and reads them.

`refresh` and `code_changed` are what the people slice calls; `recompute` is for new facts. Each
takes up to 10,000 people, goes set by set, and tells the feed of what visibly changed.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause

from registry.sequencer import service as sequencer
from registry.statuses import alike, queries
from registry.statuses.book import RuleBook
from registry.statuses.display import (
    COLUMNS,
    Limits,
    StatusRow,
    is_near,
    midnight,
    next_change,
    row_of,
    status_of,
    testing_of,
)
from registry.statuses.duties import Duty, Person, duty_of
from registry.statuses.facts import Testing, day_of
from registry.statuses.loading import limits_of, load_book, load_facts, load_people, status_row
from registry.statuses.rules import decide
from shared.bus.putting_off import in_parts
from shared.context import Context
from shared.db import Session, array_text, copy_rows, execute, fetch_all, full_sight

BREATH: Final = 500
# From so many people on it pays to look for those who are alike.
ALIKE_FROM: Final = 100


async def refresh(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime
) -> int:
    """Work out duty and status again after a change of people, enrolments, exemptions or rules.

    Returns how many statuses visibly changed; those are in the feed. At most 10,000 people a call.
    """
    async with full_sight(session):
        if len(person_ids) < ALIKE_FROM:
            return await one_by_one(session, context, person_ids=person_ids, now=now)
        changed, left = await alike.settle(session, context, person_ids=person_ids, now=now)
        return changed + await one_by_one(session, context, person_ids=left, now=now)


async def one_by_one(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime
) -> int:
    """Do what `refresh` does with a row of each person in hand: for few, and for the unusual."""
    return await _update(session, context, person_ids=person_ids, now=now, with_facts=False)


async def recompute(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime
) -> int:
    """Work out everything again, from the facts on: after a result, a sample or a review."""
    async with full_sight(session):
        return await _update(session, context, person_ids=person_ids, now=now, with_facts=True)


async def code_changed(session: Session, *, removed: Sequence[tuple[str, str | None]]) -> None:
    """Tell the feed of health codes that nobody, or another code, stands for: `[(old, replaced_by)]`.

    Call it before `refresh`, in the same transaction.
    """
    await sequencer.append_removed(session, removed=removed)


async def run_timer(session: Session, context: Context[Any]) -> bool:
    """Take people whose status has changed by time alone; True if there may be more."""
    return await take_changed(session, context, now=await context.clock.now(session)) == queries.TIMER_CHUNK


async def take_changed(session: Session, context: Context[Any], *, now: datetime) -> int:
    """Work out the next people whose status has changed by time alone; return how many were taken."""
    rows = await fetch_all(session, queries.DUE_FOR_CHANGE, now=now)

    async def some(person_ids: Sequence[UUID]) -> None:
        await refresh(session, context, person_ids=person_ids, now=now)

    ids = [row["person_id"] for row in rows]
    await in_parts(session, context, queries.TIMER, ids, some, key=str)
    return len(rows)


async def _update(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime, with_facts: bool
) -> int:
    ids = sorted(set(person_ids))
    if not ids:
        return 0
    limits = limits_of(context.settings)
    locked = await _rows(session, queries.LOCK_ROWS, ids)
    people, codes = await load_people(session, ids)
    book = await load_book(session, context.settings)
    duties = duties_of(people, book=book, day=day_of(now))
    known_already = {} if with_facts else locked
    testing = await load_testing(session, duties, rows=known_already)

    written = []
    visible = []
    near = []
    for some in batched(ids, BREATH):
        known = {person_id: duties[person_id] for person_id in some if person_id in duties}
        for row in work_out(known, testing, book=book, now=now, limits=limits):
            old = locked.get(row.person_id)
            new, changed = _versioned(row, old, code=codes[row.person_id], now=now, limits=limits)
            if changed:
                visible.append(row.person_id)
            if new != old:
                written.append(new)
            if is_near(new, day_of(now)):
                near.append(new.person_id)
        await asyncio.sleep(0)  # ten thousand people must not hold up the process's other requests
    await _write(session, written)
    if near:
        await execute(session, queries.WATCH, lists=[array_text(near)], today=day_of(now))
    await sequencer.append_people(session, context, person_ids=visible)
    return len(visible)


def batched(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    """Yield slices of at most `size`."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def duties_of(people: Mapping[UUID, Person], *, book: RuleBook, day: date) -> dict[UUID, Duty]:
    """Return the duty of each person on a day; people alike are read once."""
    known: dict[Person, Duty] = {}
    duties = {}
    for person_id, person in people.items():
        duty = known.get(person)
        if duty is None:
            duty = known[person] = duty_of(person, book=book, day=day)
        duties[person_id] = duty
    return duties


async def load_testing(
    session: Session,
    duties: Mapping[UUID, Duty],
    *,
    rows: Mapping[UUID, StatusRow],
    known_by: datetime | None = None,
) -> dict[UUID, Testing]:
    """Return testing states: the stored ones, and from the facts where none is stored or it does not do."""
    asked = [each for each, duty in duties.items() if each not in rows or duty.needs_history]
    facts = await load_facts(session, asked, known_by=known_by)
    stored = {person_id: testing_of(row) for person_id, row in rows.items() if person_id not in facts}
    return stored | {person_id: decide(found) for person_id, found in facts.items()}


def work_out(
    duties: Mapping[UUID, Duty],
    testing: Mapping[UUID, Testing],
    *,
    book: RuleBook,
    now: datetime,
    limits: Limits,
) -> list[StatusRow]:
    """Return the rows of people at a moment, in person order, without version."""
    rows = []
    for person_id in sorted(duties):
        duty = duties[person_id]
        state = testing.get(person_id) or Testing()
        due = duty.due(state.counted_on, state.counted)
        soon_days = book.soon.of(due[1].interval) if due else 0
        rows.append(row_of(person_id, testing=state, duty=duty, soon_days=soon_days, now=now, limits=limits))
    return rows


def _versioned(
    row: StatusRow, old: StatusRow | None, *, code: str | None, now: datetime, limits: Limits
) -> tuple[StatusRow, bool]:
    """Return the row with its version, and whether what is visible changed.

    A person who takes over a code continues above every version it was told of before, so the
    version starts from the time of the change.
    """
    change_at = next_change(row, now, limits)
    if old is None:
        version = _version_for(code, 0, now)
        return _stamped(row, change_at, code=code, shown_at=now, version=version, changed_at=now), True
    renamed = code != old.shown_code
    shown_at = old.shown_at or now
    if not renamed and status_of(row, now, limits) == status_of(old, shown_at, limits):
        same = _stamped(
            row, change_at, code=code, shown_at=old.shown_at, version=old.version, changed_at=old.changed_at
        )
        return (old if same == old else replace(same, shown_at=now)), False
    version = _version_for(code, old.version, now) if renamed else old.version + 1
    return _stamped(row, change_at, code=code, shown_at=now, version=version, changed_at=now), True


def _version_for(code: str | None, version: int, now: datetime) -> int:
    return version + 1 if code is None else max(version + 1, int(now.timestamp() * 1000))


def _stamped(
    row: StatusRow,
    change_at: datetime | None,
    *,
    code: str | None,
    shown_at: datetime | None,
    version: int,
    changed_at: datetime | None,
) -> StatusRow:
    return replace(
        row,
        next_change_at=change_at,
        shown_code=code,
        shown_at=shown_at,
        version=version,
        changed_at=changed_at,
    )


async def _rows(session: Session, statement: TextClause, ids: Sequence[UUID]) -> dict[UUID, StatusRow]:
    found = (await session.execute(statement, {"person_ids": list(ids)})).all()
    return {values[0]: status_row(values) for values in found}


async def _write(session: Session, rows: Sequence[StatusRow]) -> None:
    if not rows:
        return
    await execute(session, queries.CREATE_STAGE)
    await execute(session, queries.CLEAR_STAGE)
    await copy_rows(session, queries.STAGE, COLUMNS, map(_record, rows))
    await execute(session, queries.WRITE_STAGE)


def _record(row: StatusRow) -> tuple[Any, ...]:
    return tuple(getattr(row, column) for column in COLUMNS)


async def current(
    session: Session, context: Context[Any], *, found: Iterable[StatusRow], now: datetime
) -> dict[UUID, StatusRow]:
    """Return rows with their duty as of now: where a boundary has just passed, read afresh."""
    rows = {row.person_id: row for row in found}
    stale = [
        row.person_id
        for row in rows.values()
        if row.boundary_on is not None and midnight(row.boundary_on) <= now
    ]
    if stale:
        async with full_sight(session):
            people, _ = await load_people(session, stale)
            book = await load_book(session, context.settings)
            duties = duties_of(people, book=book, day=day_of(now))
            testing = await load_testing(session, duties, rows={each: rows[each] for each in stale})
        limits = limits_of(context.settings)
        for fresh in work_out(duties, testing, book=book, now=now, limits=limits):
            old = rows[fresh.person_id]
            rows[fresh.person_id] = replace(
                fresh, version=old.version, changed_at=old.changed_at, shown_code=old.shown_code
            )
    return rows


async def rows_of(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime
) -> dict[UUID, StatusRow]:
    """Return the rows of people as of now (overdue lists, evaluations, explanations)."""
    found = await _rows(session, queries.ROWS, list(person_ids))
    return await current(session, context, found=found.values(), now=now)


async def rows_as_of(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], as_of: datetime
) -> dict[UUID, StatusRow]:
    """Return the rows of people at an earlier moment: the rules of that day, the facts known then."""
    people, _ = await load_people(session, person_ids)
    book = await load_book(session, context.settings)
    duties = duties_of(people, book=book, day=day_of(as_of))
    testing = await load_testing(session, duties, rows={}, known_by=as_of)
    limits = limits_of(context.settings)
    return {row.person_id: row for row in work_out(duties, testing, book=book, now=as_of, limits=limits)}
