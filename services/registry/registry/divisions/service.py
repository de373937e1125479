"""Divisions: entered in bulk, each row judged on its own, parents before children."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.departments.service import levels_of
from registry.divisions import queries
from registry.divisions.rules import LEVELS, Known, level_of, merged, missing_of, parent_of
from registry.divisions.schemas import MOST_DIVISIONS, DivisionIn
from registry.teams.service import visible_codes
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, TOO_MANY_ROWS, Problem, RowError
from shared.security.access import Principal
from shared.web.bodies import check_rows, verdict_of

_LENGTH_OF: Final = {level: length for length, level in LEVELS.items()}


async def put(
    session: Session, context: Context[Any], rows: Sequence[object], *, who: Principal, now: datetime
) -> dict[str, Any]:
    """Add divisions or bring them up to date: `{accepted, updated, rejected, errors: [RowError]}`."""
    if len(rows) > MOST_DIVISIONS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_DIVISIONS)
    checked, errors = check_rows(DivisionIn, rows)
    # Parents first; the number of the row keeps the order of what was sent for one division.
    ordered = sorted(checked, key=lambda item: (len(item[1].division_code), item[0]))
    standing = await _standing(session, [item.division_code for _, item in ordered], who=who)
    known = await _known(session, [item for _, item in ordered], who=who)
    there: dict[str, Mapping[str, Any]] = {code: dict(row) for code, row in standing.items()}
    wanted: dict[str, dict[str, Any]] = {}
    accepted = updated = 0
    for number, item in ordered:
        code = item.division_code
        parent = parent_of(code)
        result = merged(
            item.model_dump(include=item.model_fields_set),
            there.get(code),
            there.get(parent) if parent else None,
            known,
        )
        if isinstance(result, tuple):
            errors.append(RowError(number, *result))
            continue
        updated += code in there
        accepted += code not in there
        there[code] = wanted[code] = result
    await _write(session, wanted, by=who.client_id, now=now)
    await record(session, context, who=who, action="divisions.put", now=now, rows=accepted + updated)
    return verdict_of(len(rows), accepted=accepted, updated=updated, errors=errors)


async def page(
    session: Session,
    *,
    who: Principal,
    after: str,
    limit: int,
    level: str | None,
    within: str | None,
    missing: str | None,
) -> list[dict[str, Any]]:
    """Return divisions inside the caller's area, by code."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=after,
        limit=limit,
        limited=who.limited,
        area_township=who.township,
        within=within,
        length=_LENGTH_OF.get(level or ""),
        missing=missing,
    )
    return [shown(row) for row in rows]


async def get(session: Session, *, division_code: str, who: Principal) -> dict[str, Any]:
    """Return one division; Problem 404 outside the caller's area."""
    return shown(await visible(session, division_code=division_code, who=who))


async def visible(session: Session, *, division_code: str, who: Principal) -> RowMapping:
    """Return the stored division if the caller may see it; Problem 404 otherwise."""
    stored = await fetch_one(session, queries.BY_CODE, division_code=division_code)
    if stored is None or (who.limited and stored["township_code"] != who.township):
        raise Problem(NOT_FOUND)
    return stored


async def codes_known(session: Session, codes: Sequence[str], *, who: Principal) -> frozenset[str]:
    """Return which of these codes are divisions inside the caller's area."""
    rows = await fetch_all(
        session, queries.KNOWN, codes=list(codes), limited=who.limited, area_township=who.township
    )
    return frozenset(row["division_code"] for row in rows)


async def grids_within(
    session: Session, division_codes: Sequence[str], *, hold: bool = False
) -> Sequence[RowMapping]:
    """Return the grids of these divisions, each once, by code; held as they are if so asked."""
    statement = queries.HOLD_GRIDS if hold else queries.GRIDS
    return await fetch_all(session, statement, within=list(division_codes))


def shown(stored: RowMapping) -> dict[str, Any]:
    """Return a division for an answer."""
    fields = ("division_code", "name", "township_code", "head_count", "lab_code", "team_code", "revision")
    return {
        **{field: stored[field] for field in fields},
        "level": level_of(stored["division_code"]),
        "parent_code": parent_of(stored["division_code"]),
        "counted_on": stored["counted_on"] and stored["counted_on"].isoformat(),
        "missing": missing_of(dict(stored)),
    }


async def _standing(session: Session, codes: Sequence[str], *, who: Principal) -> dict[str, RowMapping]:
    wanted = {*codes, *(parent for code in codes if (parent := parent_of(code)) is not None)}
    rows = await fetch_all(session, queries.LOCK, codes=sorted(wanted))
    # What lies outside the area is as unknown as what is not there.
    return {
        row["division_code"]: row for row in rows if not who.limited or row["township_code"] == who.township
    }


async def _known(session: Session, items: Sequence[DivisionIn], *, who: Principal) -> Known:
    return Known(
        department_levels=await levels_of(session, [item.township_code for item in items]),
        teams=await visible_codes(
            session, [item.team_code for item in items if item.team_code is not None], who=who
        ),
        limited=who.limited,
        township=who.township,
    )


async def _write(
    session: Session, wanted: Mapping[str, Mapping[str, Any]], *, by: str, now: datetime
) -> None:
    if wanted:
        rows = json.dumps(list(wanted.values()), default=str)
        await execute(session, queries.PUT, rows=rows, by=by, now=now)
        await execute(session, queries.MOVE_BELOW, codes=sorted(wanted), by=by, now=now)
