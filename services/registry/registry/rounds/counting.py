"""Coverage of rounds: counted some grids at a time, and listed by name (requirements row 87)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.residents.service import shown
from registry.rounds import queries
from registry.rounds.rules import window
from registry.rounds.service import visible
from shared.audit.recording import record
from shared.bus import Schedule
from shared.bus.publishing import publish
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.messages import GridCoverage, RoundCounted
from shared.security.access import Principal

AT_ONCE: Final = 20


async def count(session: Session, context: Context[Any]) -> bool:
    """Count the grids whose figures are oldest; True if there may be more."""
    now = await context.clock.now(session)
    before = now - timedelta(seconds=context.settings.round_count_seconds)
    stale = await fetch_all(session, queries.STALE, before=before, limit=AT_ONCE)
    for grid in stale:
        await execute(session, queries.COUNT, now=now, **_of(dict(grid)))
    return len(stale) == AT_ONCE


async def missing(
    session: Session,
    context: Context[Any],
    *,
    round_code: str,
    grid_code: str,
    who: Principal,
    now: datetime,
    after: UUID,
    limit: int,
) -> list[dict[str, Any]]:
    """Return the residents of a grid without a sample of the round, masked; counted now. Problem 404."""
    stored = await visible(session, round_code=round_code, who=who)
    inside = await fetch_value(
        session,
        queries.OF_ROUND,
        round_code=round_code,
        grid_code=grid_code,
        limited=who.limited,
        area_township=who.township,
    )
    if inside is None:
        raise Problem(NOT_FOUND)
    rows = await fetch_all(
        session, queries.MISSING, after=after, limit=limit, **_of({**stored, "grid_code": grid_code})
    )
    await record(
        session, context, who=who, action="round.missing", now=now, subject=f"{round_code}/{grid_code}",
        rows=len(rows),
    )  # fmt: skip
    return [shown(context, row) for row in rows]


def _of(grid: Mapping[str, Any]) -> dict[str, Any]:
    from_at, to_at = window(grid)
    return {
        "round_code": grid["round_code"],
        "grid_code": grid["grid_code"],
        "drill": grid["drill"],
        "from_at": from_at,
        "to_at": to_at,
    }


async def tell(session: Session, context: Context[Any]) -> bool:
    """Tell how far one round has come in each of its grids; True if there may be another."""
    now = await context.clock.now(session)
    before = now - timedelta(hours=context.settings.round_tell_hours)
    found = await fetch_one(session, queries.TO_TELL, before=before)
    if found is None:
        return False
    code = found["round_code"]
    grids = await fetch_all(session, queries.COVERAGE, round_code=code)
    told = RoundCounted(
        round_code=code,
        title=found["name"],
        drill=found["drill"],
        as_of=now.isoformat(),
        deadline_at=found["deadline_at"].astimezone(SHANGHAI).isoformat(),
        final=found["state"] == "closed",
        grids=tuple(GridCoverage(**grid) for grid in grids),
    )
    await publish(session, told, now=now)
    await execute(session, queries.TOLD, round_code=code, now=now)
    return True


SCHEDULES: Final = [
    Schedule("rounds.count", timedelta(seconds=5), count),
    Schedule("rounds.tell", timedelta(seconds=30), tell),
]
