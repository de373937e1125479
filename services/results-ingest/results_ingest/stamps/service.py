"""Stages, faults and backlogs as they are shown."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from results_ingest.shown import shown_of
from results_ingest.stamps import queries
from results_ingest.tubes.rules import Stamps, stamp_faults
from shared.clock import midnight
from shared.db import Session, fetch_all, full_sight
from shared.security.principal import Principal
from shared.web.paging import page_of, uuid_after

By = Literal["site", "lab"]
_STAMPS: Final = ("collected_at", "delivered_at", "tested_at", "reported_at")
_FIGURES: Final = ("median", "p90", "longest")


async def stages(session: Session, who: Principal, *, day: date, by: By, limit: int) -> dict[str, Any]:
    """Return how long each stage took at each body on the tubes of a day, the worst first, in minutes."""
    rows = await fetch_all(session, queries.STAGES[by], limit=limit, **who.area, **_span(day))
    listed = [
        {f"{by}_code": row["body"], "stage": row["stage"], "tubes": row["tubes"]}
        | {name: round(row[name], 1) for name in _FIGURES}
        for row in rows
    ]
    return {"day": day, "by": by, "stages": listed}


async def faults(
    session: Session,
    who: Principal,
    *,
    day: date,
    filters: Mapping[str, str | None],
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return the tubes of a day with a stamp that is missing before a later one, or reversed."""
    after = uuid_after(cursor, "tube")
    rows = await fetch_all(
        session, queries.FAULTS, after=after, limit=limit + 1, **who.area, **_span(day), **filters
    )
    found = page_of("tubes", rows, limit=limit, position=lambda row: {"tube": str(row["tube_id"])})
    found["tubes"] = [_faulty(row) for row in found["tubes"]]
    return found


async def backlogs(session: Session, *, only: str | None, now: datetime, days: int) -> list[dict[str, Any]]:
    """Return of each laboratory what is on its way, what waits there untested, and since when the oldest."""
    # Counts of what is sent to a laboratory; whose tubes these are is not told.
    async with full_sight(session):
        rows = await fetch_all(session, queries.BACKLOG, lab=only, since=now - timedelta(days=days))
    return [
        shown_of(row)
        | {"oldest_minutes": row["oldest_received_at"] and _minutes(now - row["oldest_received_at"])}
        for row in rows
    ]


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _faulty(row: Mapping[str, Any]) -> dict[str, Any]:
    stamps = {name: row[name] for name in _STAMPS}
    named = {name: row[name] for name in ("tube_code", "site_code", "lab_code")}
    return {**named, "stamps": shown_of(stamps), "faults": stamp_faults(Stamps(**stamps))}


def _span(day: date) -> dict[str, datetime]:
    begin = midnight(day)
    return {"from_at": begin, "to_at": begin + timedelta(days=1)}
