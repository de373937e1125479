"""Keeps orders and starts their clocks; lists them with what runs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.clocks import service as clocks
from results_ingest.clocks.rules import SAMPLED, after
from results_ingest.orders import queries
from results_ingest.shown import shown_of
from shared.bus.publishing import publish
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, fetch_all, fetch_value
from shared.messages import OrderChanged, OrderTimed
from shared.security.principal import Principal
from shared.web.paging import page_of, uuid_after

STAGES: Final = ("sampling", "result")
RECHECKS: Final = ("recheck_retained", "recheck_new")
_NAMED: Final = ("kind", "person_id", "unit_code", "township_code", "code", "lab_code")
_MOMENTS: Final = ("opened_at", "registered_at", "sampled_at", "resulted_at")


async def keep(session: Session, context: Context[Any], message: OrderChanged) -> None:
    """Keep the newest state of an order; its clocks start with the first and are looked at with each."""
    moments = {name: _moment(getattr(message, name)) for name in _MOMENTS}
    named = {name: getattr(message, name) for name in _NAMED}
    key = {"order_id": message.order_id, "revision": message.revision, "state": message.state}
    if await fetch_value(session, queries.KEEP, **key, **named, **moments) is None:
        return
    opened_at = moments["opened_at"]
    now = await context.clock.now(session)
    if opened_at is not None and opened_at >= now - timedelta(days=context.settings.clock_horizon_days):
        subject = clocks.Subject(
            kind="recheck" if message.kind in RECHECKS else "order",
            subject_id=message.order_id,
            code=message.code or str(message.order_id),
            category=message.kind,
            stages=("recheck",) if message.kind in RECHECKS else STAGES,
            named={"category": message.kind},
            moments={
                "opened": opened_at,
                "registered": moments["registered_at"],
                SAMPLED: moments["sampled_at"],
            },
            opened_at=opened_at,
            lab_code=message.lab_code,
            unit_code=message.unit_code,
            township_code=message.township_code,
        )
        await clocks.start(session, [subject], await clocks.limits_of(session))
        if message.kind in RECHECKS:
            await _tell_due(session, message, opened_at, now=now)
    await clocks.hint(session, about="subject", ids=[message.order_id])


async def _tell_due(session: Session, message: OrderChanged, opened_at: datetime, *, now: datetime) -> None:
    """Tell registry, whose list says until when each member is to be tested."""
    due_at = after(opened_at, await fetch_value(session, queries.LIMIT, order_id=message.order_id))
    if due_at is not None:
        due = due_at.astimezone(SHANGHAI).isoformat()
        await publish(session, OrderTimed(message.order_id, message.revision, due), now=now)


async def page(
    session: Session,
    who: Principal,
    *,
    state: str | None,
    kind: str | None,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return orders within the caller's area, each with its clocks."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=uuid_after(cursor, "order"),
        state=state,
        kind=kind,
        township=who.township,
        department=who.department,
        limit=limit + 1,
    )
    found = page_of("orders", rows, limit=limit, position=lambda row: {"order": str(row["order_id"])})
    running = await _clocks(session, [row["order_id"] for row in found["orders"]], now=now)
    found["orders"] = [shown_of(row) | {"clocks": running[row["order_id"]]} for row in found["orders"]]
    return found


async def _clocks(
    session: Session, ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {each: [] for each in ids}
    for row in await fetch_all(session, queries.CLOCKS, ids=list(ids)) if ids else ():
        found[row["subject_id"]].append(_clock(row, now=now))
    return found


def _clock(row: RowMapping, *, now: datetime) -> dict[str, Any]:
    due_at = row["due_at"]
    late = 0 if due_at is None else int(((row["ended_at"] or now) - due_at).total_seconds() // 60)
    shown = {name: row[name] for name in ("stage", "due_at", "ended_at", "state")}
    return shown_of(shown) | {"minutes_late": max(late, 0)}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
