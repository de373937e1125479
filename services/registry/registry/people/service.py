"""Registering people: rows judged one by one, written together in person order."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from anyio import to_thread
from sqlalchemy.exc import IntegrityError

from registry.people import errors, queries
from registry.people.departments import departments_of
from registry.people.preparing import code_rows, people_rows, person_errors, person_row
from registry.people.reading import units_seen
from registry.people.rows import Derived, Document, Known, Person, Row, Stored, Verdicts
from registry.people.rules import apply_rows, assign_codes
from registry.people.schemas import MOST_ROWS, PersonIn
from registry.people.storing import Raced, lock_people, save
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import LONG_SECONDS, Session, fetch_all
from shared.db_errors import UNIQUE_VIOLATION, sqlstate
from shared.errors import CATALOGUE, INVALID_BODY, TOO_MANY_ROWS, Problem, RowError
from shared.security.access import Principal
from shared.security.sealing import BlindIndex
from shared.web.bodies import verdict_of

ATTEMPTS: Final = 6
# Rows of one transaction, which has LONG_SECONDS (10,000 at once would come near the 5 s of the role).
# Each row has a verdict of its own and may be sent again, so a bulk that is cut off, by a machine that
# is starved or by an outage (503), is simply sent again: what it had kept is then `updated`.
AT_ONCE: Final = 2_000
T = TypeVar("T")
R = TypeVar("R")
Prepare = Callable[[BlindIndex, Sequence[object], date], tuple[list[R], list[RowError]]]
Apply = Callable[[Session, list[R], datetime], Awaitable[Verdicts]]


async def register(context: Context[Any], rows: Sequence[object], *, who: Principal) -> dict[str, Any]:
    """Register or update people row by row: `{accepted, updated, rejected, errors: [RowError]}`.

    Opens its own transactions, one after the other in the order of the rows.
    """

    async def apply(session: Session, good: list[Row], now: datetime) -> Verdicts:
        return await take_in(session, context, good, who=who, now=now)

    return await _bulk(context, rows, people_rows, apply)


async def take_in(
    session: Session, context: Context[Any], good: list[Row], *, who: Principal, now: datetime
) -> Verdicts:
    """Register or update the people of checked rows in this transaction; Raced if somebody was quicker."""
    verdicts, _ = await enrol_rows(session, context, good, who=who, now=now)
    await record(session, context, who=who, action="people.register", now=now, rows=len(good))
    return verdicts


async def assign(context: Context[Any], rows: Sequence[object], *, who: Principal) -> dict[str, Any]:
    """Give known people their health codes, row by row; accepted: the first one of a person."""

    async def apply(session: Session, good: list[tuple[int, Document, str]], now: datetime) -> Verdicts:
        people, stored = await _locked(session, [document for _, document, _ in good])
        if who.limited:
            people = await _inside_area(session, people, who=who, today=day_of(now))
        holders = await _holders(session, [code for _, _, code in good])
        verdicts = assign_codes(good, people, holders)
        await record(session, context, who=who, action="people.codes", now=now, rows=len(good))
        await save(session, context, people, stored, {}, by=who.client_id, now=now)
        return verdicts

    return await _bulk(context, rows, code_rows, apply)


async def register_one(context: Context[Any], person: PersonIn, *, who: Principal) -> tuple[Stored, bool]:
    """Register or update one person; return what is stored and whether it is new. Problem if refused."""

    async def work(session: Session) -> tuple[Stored, bool]:
        now = await context.clock.now(session)
        found = person_errors(person, day_of(now), row=None)
        if found:
            raise Problem(INVALID_BODY, errors=found)
        row = person_row(context.index, person, number=1)
        verdicts, stored = await enrol_rows(session, context, [row], who=who, now=now)
        if verdicts.refused:
            _, field, code = verdicts.refused[0]
            raise Problem(CATALOGUE[code], errors=[RowError(None, field, code)])
        return stored[row.document], verdicts.accepted == 1

    return await in_turn(context, work)


async def in_turn(context: Context[Any], work: Callable[[Session], Awaitable[T]]) -> T:
    """Run `work` in a transaction; again after a deadlock or when somebody was quicker."""
    for _ in range(ATTEMPTS):
        try:
            return await context.db.run(work, seconds=LONG_SECONDS)
        except Raced:
            continue
        except IntegrityError as error:
            if sqlstate(error) != UNIQUE_VIOLATION:
                raise
    raise Problem(errors.PEOPLE_BUSY, headers={"Retry-After": "1"})


async def _bulk(
    context: Context[Any], rows: Sequence[object], prepare: Prepare[R], apply: Apply[R]
) -> dict[str, Any]:
    if len(rows) > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    async with context.db.transaction() as session:
        today = day_of(await context.clock.now(session))
    good, found = await to_thread.run_sync(prepare, context.index, rows, today)

    verdicts = [
        await _one_transaction(context, good[start : start + AT_ONCE], apply)
        for start in range(0, len(good), AT_ONCE)
    ]
    found = found + [RowError(*refusal) for each in verdicts for refusal in each.refused]
    accepted, updated = (sum(getattr(each, name) for each in verdicts) for name in ("accepted", "updated"))
    return verdict_of(len(rows), accepted=accepted, updated=updated, errors=found)


async def _one_transaction(context: Context[Any], rows: list[R], apply: Apply[R]) -> Verdicts:
    async def work(session: Session) -> Verdicts:
        return await apply(session, rows, await context.clock.now(session))

    return await in_turn(context, work)


async def enrol_rows(
    session: Session, context: Context[Any], rows: list[Row], *, who: Principal, now: datetime
) -> tuple[Verdicts, dict[Document, Stored]]:
    """Apply checked rows inside `in_turn`; return the verdicts and what is stored, by document."""
    people, stored = await _locked(session, [row.document for row in rows])
    named = {(row.unit_code, row.department_in_unit) for row in rows if row.category_code is None}
    departments = await departments_of(session, context, named, today=day_of(now))
    known = Known(
        today=day_of(now),
        units=await units_seen(session, codes=[row.unit_code for row in rows], who=who),
        categories=await _categories(session, rows, people.values(), departments.values()),
        holders=await _holders(session, [row.health_code_id for row in rows]),
        unit_needed=who.limited,
        departments=departments,
    )
    verdicts = apply_rows(rows, people, known)
    id_nos = {row.document: row.id_no for row in rows}
    await save(session, context, people, stored, id_nos, by=who.client_id, now=now)
    return verdicts, stored


async def _locked(
    session: Session, documents: Sequence[Document]
) -> tuple[dict[Document, Any], dict[Document, Stored]]:
    wanted = sorted(set(documents))
    return await lock_people(
        session,
        queries.LOCK_BY_DOCUMENT,
        id_types=[id_type for id_type, _ in wanted],
        id_indexes=[id_index for _, id_index in wanted],
    )


async def _categories(
    session: Session, rows: Sequence[Row], people: Iterable[Person], departments: Iterable[Derived]
) -> frozenset[str]:
    codes = sorted({row.category_code for row in rows if row.category_code is not None})
    found = await fetch_all(session, queries.CATEGORIES, codes=codes)
    standing = {category for person in people for _, category in person.enrolments if category is not None}
    derived = {each.category_code for each in departments}
    return frozenset(row["category_code"] for row in found) | standing | derived


async def _holders(session: Session, codes: Sequence[str | None]) -> dict[str, Document]:
    wanted = sorted({code for code in codes if code is not None})
    found = await fetch_all(session, queries.HOLDERS, codes=wanted)
    return {row["health_code_id"]: (row["id_type"], bytes(row["id_index"])) for row in found}


async def _inside_area(
    session: Session, people: dict[Document, Any], *, who: Principal, today: date
) -> dict[Document, Any]:
    units = [unit for person in people.values() for unit, _ in person.enrolments]
    mine = await units_seen(session, codes=units, who=who)
    return {
        document: person
        for document, person in people.items()
        if any(unit in mine and e.ends_after(today) for (unit, _), e in person.enrolments.items())
    }
