"""Residents of grids: placed in bulk by document or health code, moved with their history kept."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.divisions import errors as division_errors
from registry.divisions.rules import GRID, level_of
from registry.divisions.service import codes_known, visible
from registry.people import errors as people_errors
from registry.people.preparing import document_of
from registry.people.storing import SEALED_CONTACT
from registry.residents import errors, queries
from registry.residents.rules import Residence, moved
from registry.residents.schemas import MOST_RESIDENTS, ResidentIn
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.errors import DAY_IN_FUTURE, TOO_MANY_ROWS, Problem, RowError
from shared.identifiers import mask_name
from shared.ids import new_id
from shared.security.access import Principal
from shared.security.sealing import BlindIndex
from shared.web.bodies import check_rows, verdict_of

Key = str | tuple[str, bytes]
"""A health code, or a keyed document."""


async def put(
    session: Session, context: Context[Any], rows: Sequence[object], *, who: Principal, now: datetime
) -> dict[str, Any]:
    """Place people in grids, or move them: `{accepted, updated, rejected, errors: [RowError]}`.

    accepted: lived in no grid before.
    """
    if len(rows) > MOST_RESIDENTS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_RESIDENTS)
    today = day_of(now)
    good, faults = _checked(context.index, rows, today)
    people = await _people(session, [key for _, _, key in good], who=who, today=today)
    grids = await codes_known(
        session, sorted({row.grid_code for _, row, _ in good if row.grid_code}), who=who
    )
    before = await _current(session, list(people.values()))
    after: dict[UUID, Residence | None] = dict(before)
    accepted = updated = 0
    for number, row, key in good:
        person = people.get(key)
        result = _placed(row, person, (before, after), grids, today)
        if person is None or isinstance(result, tuple):
            faults.append(RowError(number, *(result if isinstance(result, tuple) else _NOBODY)))
            continue
        accepted += after.get(person) is None
        updated += after.get(person) is not None
        after[person] = result
    await _write(session, before, after, by=who.client_id, now=now)
    await record(session, context, who=who, action="residents.put", now=now, rows=accepted + updated)
    return verdict_of(len(rows), accepted=accepted, updated=updated, errors=faults)


async def page(
    session: Session,
    context: Context[Any],
    *,
    grid_code: str,
    who: Principal,
    now: datetime,
    after: UUID,
    limit: int,
) -> list[dict[str, Any]]:
    """Return the residents of a grid, masked; Problem 404 outside the caller's area."""
    await visible(session, division_code=grid_code, who=who)
    rows = await fetch_all(session, queries.PAGE, grid_code=grid_code, after=after, limit=limit)
    await record(
        session, context, who=who, action="residents.list", now=now, subject=grid_code, rows=len(rows)
    )
    return [shown(context, row) for row in rows]


def shown(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    """Return a person of a list, masked."""
    contact = context.sealer.open_json(row["sealed_contact"], context=SEALED_CONTACT)
    return {
        "person_id": str(row["person_id"]),
        "health_code_id": row["health_code_id"],
        "name_masked": mask_name(contact["name"]),
    }


_NOBODY = (None, people_errors.UNKNOWN_PERSON.code)


def _placed(
    row: ResidentIn,
    person: UUID | None,
    places: tuple[Mapping[UUID, Residence | None], Mapping[UUID, Residence | None]],
    grids: frozenset[str],
    today: date,
) -> Residence | tuple[str | None, str] | None:
    if person is None:
        return _NOBODY
    if row.grid_code is not None and level_of(row.grid_code) != GRID:
        return ("grid_code", division_errors.NOT_A_GRID.code)
    if row.grid_code is not None and row.grid_code not in grids:
        return ("grid_code", division_errors.UNKNOWN_DIVISION.code)
    before, after = places
    return moved(after.get(person), row.grid_code, row.from_on or today, left=before.get(person))


def _checked(
    index: BlindIndex, rows: Sequence[object], today: date
) -> tuple[list[tuple[int, ResidentIn, Key]], list[RowError]]:
    checked, faults = check_rows(ResidentIn, rows)
    good = []
    for number, row in checked:
        key = _key(index, row, today)
        if row.from_on is not None and row.from_on > today:
            faults.append(RowError(number, "from_on", DAY_IN_FUTURE.code))
        elif isinstance(key, RowError):
            faults.append(RowError(number, key.field, key.code))
        else:
            good.append((number, row, key))
    return good, faults


def _key(index: BlindIndex, row: ResidentIn, today: date) -> Key | RowError:
    by_document = row.id_type is not None and row.id_no is not None
    if by_document == (row.health_code_id is not None) or (row.id_type is None) != (row.id_no is None):
        return RowError(None, "health_code_id", errors.RESIDENT_IDENTIFIER.code)
    if row.health_code_id is not None:
        return row.health_code_id
    document = document_of(index, row, today)
    return RowError(None, "id_no", document) if isinstance(document, str) else document


async def _people(session: Session, keys: Sequence[Key], *, who: Principal, today: date) -> dict[Key, UUID]:
    documents = sorted({key for key in keys if isinstance(key, tuple)})
    rows = await fetch_all(
        session,
        queries.FIND,
        codes=sorted({key for key in keys if isinstance(key, str)}),
        id_types=[id_type for id_type, _ in documents],
        id_indexes=[id_index for _, id_index in documents],
        limited=who.limited,
        area_township=who.township,
        area_department=who.department,
        today=today,
    )
    by_document: dict[Key, UUID] = {
        (row["id_type"], bytes(row["id_index"])): row["person_id"] for row in rows
    }
    by_code: dict[Key, UUID] = {row["health_code_id"]: row["person_id"] for row in rows}
    return by_document | by_code


async def _current(session: Session, people: Sequence[UUID]) -> dict[UUID, Residence | None]:
    rows = await fetch_all(session, queries.CURRENT, people=list(people))
    return {row["person_id"]: Residence(row["grid_code"], row["from_on"]) for row in rows}


async def _write(
    session: Session,
    before: Mapping[UUID, Residence | None],
    after: Mapping[UUID, Residence | None],
    *,
    by: str,
    now: datetime,
) -> None:
    changed = sorted(person for person, place in after.items() if place != before.get(person))
    ended = [person for person in changed if before.get(person) is not None]
    begun = [(person, place) for person in changed if (place := after[person]) is not None]
    if ended:
        days = [place.from_on if (place := after[person]) else day_of(now) for person in ended]
        await execute(session, queries.END, people=ended, days=days)
    if begun:
        await execute(
            session,
            queries.BEGIN,
            ids=[new_id(now) for _ in begun],
            people=[person for person, _ in begun],
            grids=[place.grid_code for _, place in begun],
            days=[place.from_on for _, place in begun],
            by=by,
            now=now,
        )
