"""Shows events with their clocks and steps; names masked, of people a health-code id at most."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from notifier.events import queries
from notifier.events.service import STEP_CONTEXT
from notifier.local import local
from notifier.notices.service import Notifier
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import mask_name
from shared.security.principal import Principal
from shared.web.paging import LAST, page_of, uuid_after


async def one(session: Session, context: Notifier, who: Principal, *, event_id: UUID) -> dict[str, Any]:
    """Return an event with every step on it; Problem 404 outside the area."""
    row = await fetch_one(session, queries.ONE, event_id=event_id, **who.area)
    if row is None:
        raise Problem(NOT_FOUND)
    [event] = await _with_clocks(session, [row])
    steps = await fetch_all(session, queries.STEPS, event_id=event_id)
    return event | {"steps": [_step(context, step) for step in steps]}


async def page(
    session: Session,
    who: Principal,
    *,
    state: str | None,
    late: bool,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return a page of events inside the caller's area, newest first."""
    rows = await fetch_all(
        session, queries.PAGE, state=state, late=late, before=uuid_after(cursor, "before", start=LAST),
        limit=limit + 1, now=now, **who.area,
    )  # fmt: skip
    events = await _with_clocks(session, rows)
    return page_of("events", events, limit=limit, position=lambda row: {"before": str(row["event_id"])})


async def _with_clocks(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    events = {row["event_id"]: {**local(row), "clocks": []} for row in rows}
    for clock in await fetch_all(session, queries.CLOCKS, event_ids=list(events)):
        shown = local(clock)
        events[shown.pop("event_id")]["clocks"].append(shown)
    return list(events.values())


def _step(context: Notifier, step: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    said = context.sealer.open_json(step["said"], context=STEP_CONTEXT)
    by = said.pop("by")
    shown = local({name: step[name] for name in ("kind", "at", "client_id")})
    return {"note": None, **shown, "details": json_of(step["details"]), "by_masked": mask_name(by), **said}
