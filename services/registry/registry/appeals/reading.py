"""Appeals as they are shown: inside the caller's area, what was said opened for those who may decide."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.appeals import queries
from registry.appeals.service import SEALED_STEP, shown_of, visible
from registry.findings import reading as findings
from registry.lists import local
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, full_sight, json_of
from shared.security.principal import Principal

_HIDDEN: Final = ("shown", "revision", "escalated_at")
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    state: str | None = None
    claim: str | None = None
    unit_code: str | None = None
    late: bool = False


async def page(
    session: Session, *, who: Principal, wanted: Filter, before: UUID, limit: int, now: datetime
) -> list[dict[str, Any]]:
    """Return appeals, newest first."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        **asdict(wanted),
        area_township=who.township,
        area_department=who.department,
        today=day_of(now),
        before=before,
        limit=limit,
        now=now,
    )
    return [_line(row, now=now) for row in rows]


async def appeal(
    session: Session, context: Context[Any], *, appeal_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return an appeal with its steps and what is shown now; Problem 404 outside the area."""
    stored = await visible(session, appeal_id=appeal_id, who=who, now=now)
    if stored["person_id"] is not None:
        shown_now = await shown_of(session, context, person_id=stored["person_id"], now=now)
    else:
        finding = await findings.visible(session, finding_id=stored["finding_id"], who=who, now=now)
        shown_now = {"state": finding["state"], "open": finding["open"]}
    steps = await fetch_all(session, queries.STEPS, appeal_id=appeal_id)
    return {
        **_line(stored, now=now),
        "shown": json_of(stored["shown"]),
        "shown_now": shown_now,
        "steps": [_step(context, step) for step in steps],
    }


async def decided(
    session: Session, context: Context[Any], *, appeal_id: UUID, now: datetime
) -> dict[str, Any]:
    """Return an appeal to whoever has just decided it, also where the remedy took the person elsewhere."""
    everywhere = Principal("", "", "system", frozenset())
    async with full_sight(session):
        return await appeal(session, context, appeal_id=appeal_id, who=everywhere, now=now)


def _step(context: Context[Any], step: RowMapping) -> dict[str, Any]:
    sealed = step["sealed_content"]
    return {
        **local({name: step[name] for name in ("n", "kind", "client_id", "at")}),
        "content": None if sealed is None else context.sealer.open_json(sealed, context=SEALED_STEP),
    }


def _line(row: RowMapping, *, now: datetime) -> dict[str, Any]:
    return {
        **{name: value for name, value in local(row).items() if name not in _HIDDEN},
        "late": row["state"] == "open" and row["due_at"] < now,
        "age_hours": ((row["ended_at"] or now) - row["opened_at"]) // HOUR,
    }
