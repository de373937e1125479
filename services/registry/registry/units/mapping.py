"""The industry map: which department answers for an industry, as effective-dated data."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of
from registry.statuses import holding
from registry.units import errors, queries
from registry.units.rules import UNMAPPED, Decision, decide
from registry.units.rules import Mapping as MapRow
from registry.units.schemas import MappingIn
from shared.db import Session, fetch_all, fetch_one, fetch_value, json_of
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.security.access import Principal

_SHOWN: Final = ("map_id", "industry_prefix", "dimension", "value", "department_code", "principle", "basis")
_KEY: Final = ("industry_prefix", "department_code", "effective_from", "dimension", "value")

Decide = Callable[[str | None], Decision]


async def decider(session: Session, *, today: date) -> Decide:
    """Return what says who answers for an industry today; nobody for what names none."""
    rows = await _in_force(session, today=today)

    def decided(key: str | None) -> Decision:
        return Decision(None, UNMAPPED, (UNMAPPED,)) if key is None else decide(key, None, rows)

    return decided


async def decision_for(
    session: Session,
    key: str,
    given: str | None,
    *,
    today: date,
    attributes: Mapping[str, str],
    unit_code: str,
) -> Decision:
    """Return who answers for a unit's industry today."""
    return decide(key, given, await _in_force(session, today=today), attributes, unit_code=unit_code)


async def add(
    session: Session, wanted: MappingIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the row and whether it is new; Problem 409 if the same row stands with other content."""
    if wanted.effective_to is not None and wanted.effective_to < wanted.effective_from:
        raise refusal_of(errors.DAYS_REVERSED, "effective_to")
    if wanted.department_code not in await levels_of(session, [wanted.department_code]):
        raise refusal_of(department_errors.UNKNOWN_DEPARTMENT, "department_code")
    if (wanted.dimension is None) != (wanted.value is None):
        raise refusal_of(errors.HALF_ATTRIBUTE, "value")
    if wanted.dimension is not None and wanted.value is not None:
        await check_attributes(session, {wanted.dimension: wanted.value}, field="value")
    values = wanted.model_dump()
    row = await fetch_one(session, queries.INSERT_MAPPING, **values, created_by=who.client_id, now=now)
    if row is not None:
        return shown(row), True
    key = {name: values[name] for name in _KEY}
    row = await fetch_one(session, queries.SAME_MAPPING, **key)
    if row is None or any(row[field] != value for field, value in values.items()):
        raise Problem(errors.MAPPING_IN_USE)
    return shown(row), False


async def end(session: Session, *, map_id: int, effective_to: date | None) -> dict[str, Any]:
    """Give a row its last day, or none."""
    begins = await fetch_value(session, queries.MAPPING_FROM, map_id=map_id)
    if begins is None:
        raise Problem(NOT_FOUND)
    if effective_to is not None and effective_to < begins:
        raise refusal_of(errors.DAYS_REVERSED, "effective_to")
    row = await fetch_one(session, queries.END_MAPPING, map_id=map_id, effective_to=effective_to)
    if row is None:
        raise Problem(NOT_FOUND)
    return shown(row)


async def check_attributes(session: Session, attributes: Mapping[str, str], *, field: str) -> None:
    """Refuse what is no attribute; Problem 422."""
    known = {(row["dimension"], row["value"]) for row in await fetch_all(session, queries.ATTRIBUTES)}
    if set(attributes.items()) - known:
        raise refusal_of(errors.UNKNOWN_ATTRIBUTE, field)


async def conflicts(session: Session, *, map_id: int) -> list[int]:
    """Return the rows that give the same industry to another department on the same days."""
    return [row["map_id"] for row in await fetch_all(session, queries.CONFLICTING, map_id=map_id)]


async def page(session: Session, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Return rows of the map, oldest first."""
    return [shown(row) for row in await fetch_all(session, queries.MAP_PAGE, after=after, limit=limit)]


async def resettle(session: Session, *, today: date, now: datetime, most: int) -> Sequence[RowMapping]:
    """Let the map decide again for units without a given department; return up to `most` that changed."""
    rows = await _in_force(session, today=today)
    changed: list[RowMapping] = []
    moved: set[str | None] = set()
    for unit in await fetch_all(session, queries.MAPPED_UNITS):
        decision = decide(
            unit["industry_key"], None, rows, json_of(unit["attributes"]), unit_code=unit["unit_code"]
        )
        if (unit["department_code"], unit["department_basis"]) == (decision.department_code, decision.basis):
            continue
        if not moved:
            await holding.changing(session)
        moved |= {unit["department_code"], decision.department_code}
        settled = await fetch_one(
            session,
            queries.RESETTLE,
            unit_code=unit["unit_code"],
            department_code=decision.department_code,
            department_basis=decision.basis,
            defects=list(decision.defects),
            now=now,
        )
        if settled is not None:
            changed.append(settled)
        if len(changed) >= most:
            break
    if moved:
        await holding.areas_changed(session, moved, now=now)
    return changed


async def _in_force(session: Session, *, today: date) -> list[MapRow]:
    rows = await fetch_all(session, queries.MAP_IN_FORCE, today=today)
    return [
        MapRow(row["map_id"], row["industry_prefix"], row["department_code"], row["dimension"], row["value"])
        for row in rows
    ]


def shown(row: RowMapping) -> dict[str, Any]:
    """Return a row of the map for an answer."""
    days = {name: row[name] and row[name].isoformat() for name in ("effective_from", "effective_to")}
    return {**{name: row[name] for name in _SHOWN}, **days}
