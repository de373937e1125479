"""Headers of people's own, saved under a name; each area keeps its own."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from registry.sheets import queries
from registry.sheets.kinds import KINDS
from registry.sheets.schemas import SheetMappingIn
from shared.db import Session, execute, fetch_all, fetch_one, json_of
from shared.errors import INVALID_BODY, NOT_FOUND, Problem
from shared.security.access import Principal
from shared.sheets.errors import MAPPING_UNKNOWN
from shared.sheets.mapping import wrong_in


@dataclass(frozen=True, slots=True)
class Saved:
    """What a mapping says; nothing where there is none."""

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)


async def named(session: Session, *, kind: str, name: str | None, who: Principal) -> Saved:
    """Return the mapping of a name, nothing without a name; Problem 422 if there is none."""
    if name is None:
        return Saved()
    found = await listed(session, kind=kind, name=name, who=who)
    if not found:
        raise Problem(MAPPING_UNKNOWN)
    return Saved(found[0]["columns"], found[0]["constants"])


async def put(
    session: Session, wanted: SheetMappingIn, *, kind: str, name: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Keep a mapping of the caller's area; Problem 404 for no kind, 422 for fields that it has not."""
    _check(wanted, kind)
    stored = await fetch_one(
        session,
        queries.PUT_MAPPING,
        kind=kind,
        name=name,
        area=_area(who),
        columns=json.dumps(wanted.columns, ensure_ascii=False),
        constants=json.dumps(wanted.constants, ensure_ascii=False),
        by=who.client_id,
        now=now,
    )
    if stored is None:
        raise Problem(NOT_FOUND)
    return _shown(stored)


async def listed(
    session: Session, *, who: Principal, kind: str | None = None, name: str | None = None
) -> list[dict[str, Any]]:
    """Return the mappings of the caller's area."""
    rows = await fetch_all(session, queries.MAPPINGS, kind=kind, name=name, area=_area(who))
    return [_shown(row) for row in rows]


async def delete(session: Session, *, kind: str, name: str, who: Principal) -> None:
    """Forget a mapping of the caller's area; Problem 404."""
    if not await execute(session, queries.DELETE_MAPPING, kind=kind, name=name, area=_area(who)):
        raise Problem(NOT_FOUND)


def _check(wanted: SheetMappingIn, kind: str) -> None:
    known = KINDS.get(kind)
    if known is None:
        raise Problem(NOT_FOUND)
    wrong = wrong_in(known.columns, wanted.columns, wanted.constants)
    if wrong:
        raise Problem(INVALID_BODY, errors=wrong)


def _area(who: Principal) -> str:
    """Return whose mappings these are: the area's, '' for the whole district."""
    return (who.area_code or "") if who.area_level in ("township", "department") else ""


def _shown(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of the database
    return {
        **dict(row),
        "area_code": row["area_code"] or None,
        "columns": json_of(row["columns"]),
        "constants": json_of(row["constants"]),
    }
