"""The versions of departments, duties, teams and divisions that are no more, kept by triggers."""

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from registry.departments import service as departments
from registry.divisions import service as divisions
from registry.duties import service as duties
from registry.organisation import queries
from registry.organisation.schemas import What
from registry.teams import service as teams
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, json_of
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal, require_whole_district


async def history(
    session: Session,
    context: Context[Any],
    *,
    what: What,
    code: str,
    who: Principal,
    before: int,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` versions before a position (0: the newest), newest first.

    Problem 404 outside the area; 403 for duties, which are the whole district's. The look is recorded.
    """
    await _visible(session, context, what=what, code=code, who=who, now=now)
    await record(session, context, who=who, action="organisation.history", now=now, subject=code)
    rows = await fetch_all(
        session,
        queries.HISTORY,
        what=what,
        code=code,
        before=before,
        limited=who.limited,
        area_township=who.township,
        limit=limit,
    )
    return [_shown(context, row) for row in rows]


async def _visible(
    session: Session, context: Context[Any], *, what: What, code: str, who: Principal, now: datetime
) -> None:
    if what == "department":
        await departments.get(session, context, code=code, who=who)
    elif what == "division":
        await divisions.visible(session, division_code=code, who=who)
    elif what == "team":
        if not await teams.visible_codes(session, [code], who=who):
            raise Problem(NOT_FOUND)
    else:
        require_whole_district(who)
        entries = await duties.matrix(session, today=day_of(now))
        if all(entry["entry_code"] != code for entry in entries):
            raise Problem(NOT_FOUND)


def _shown(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    contact = None
    if row["sealed_contact"] is not None:
        contact = departments.masked_contact(context, row["sealed_contact"], sealed_as=departments.SEALED_AS)
    elif row["sealed_leader"] is not None:
        contact = departments.masked_contact(context, row["sealed_leader"], sealed_as=teams.SEALED_LEADER)
    return {**row, "details": json_of(row["details"]), "contact": contact}
