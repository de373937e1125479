"""Who is under re-check because of a pool, and what each of them owes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from registry.people.storing import masked_name
from registry.rechecks import queries
from registry.rechecks.rules import Recheck, Terms, overdue, rechecks_of
from registry.settings import RegistrySettings
from registry.statuses.loading import load_facts
from shared.audit.recording import record
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, fetch_all, full_sight
from shared.security.access import Principal


async def members(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    unit_code: str | None,
    late_only: bool,
    after: UUID,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` members of pools who still owe a single, inside the area."""
    terms = terms_of(context.settings)
    found: list[dict[str, Any]] = []
    while len(found) < limit:
        rows = await fetch_all(
            session,
            queries.HELD,
            after=after,
            unit_code=unit_code,
            limited=who.limited,
            township=who.township,
            department=who.department,
            today=day_of(now),
            limit=limit,
        )
        people = [row["person_id"] for row in rows]
        facts = await load_facts(session, people)
        limits = await _limits(session, people)
        for row in rows:
            owed = rechecks_of(facts[row["person_id"]], terms, limits=limits[row["person_id"]])
            if owed and (overdue(owed, now=now) or not late_only):
                found.append(_member(context, row, owed, now=now))
        if len(rows) < limit:
            break
        after = rows[-1]["person_id"]
    found = found[:limit]
    await record(session, context, who=who, action="rechecks.list", rows=len(found), now=now)
    return found


async def _limits(session: Session, people: Sequence[UUID]) -> dict[UUID, dict[tuple[UUID, str], datetime]]:
    """Return until when each re-check is owed, where results-ingest has said so, by pool and route."""
    found: dict[UUID, dict[tuple[UUID, str], datetime]] = {each: {} for each in people}
    async with full_sight(session):  # whom the list may show is decided; their orders are of no area
        rows = await fetch_all(session, queries.ORDERS, people=list(people))
    for row in rows:
        if row["due_at"] is not None:
            found[row["person_id"]][row["pool_id"], row["route"]] = row["due_at"]
    return found


def terms_of(settings: RegistrySettings) -> Terms:
    """Return the terms from the settings."""
    return Terms(
        retained=timedelta(hours=settings.recheck_hours),
        new=timedelta(hours=settings.recheck_new_hours),
        use_retained=settings.recheck_route == "retained",
    )


def _member(context: Context[Any], row: Any, owed: list[Recheck], *, now: datetime) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "person_id": row["person_id"],
        "health_code_id": row["health_code_id"],
        "name_masked": masked_name(context, row["sealed_contact"]),
        "rechecks": [_shown(each, now=now) for each in owed],
    }


def _shown(each: Recheck, *, now: datetime) -> dict[str, Any]:
    pool = each.pool
    return {
        "pool_tube_code": pool.tube_code,
        "pool_result_id": pool.result_id,
        "outcome": pool.outcome,
        "lab_code": pool.lab_code,
        "collected_at": pool.collected_at and pool.collected_at.astimezone(SHANGHAI),
        "route": each.route,
        "state": each.state,
        "tube_code": each.tube_code,
        "ordered_at": each.ordered_at.astimezone(SHANGHAI),
        "due_at": each.due_at.astimezone(SHANGHAI),
        "overdue": each.due_at < now,
    }
