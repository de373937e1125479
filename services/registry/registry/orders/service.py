"""Opens, moves and ends orders with their events, finds their samples, and tells results-ingest of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.orders import queries
from shared import bus
from shared.bus import Schedule
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_value, full_sight
from shared.messages import OrderChanged

MOST: Final = 200


async def opened(session: Session, context: Context[Any], event: RowMapping, *, now: datetime) -> None:
    """Open an order for an event of a kind that asks for a test at once (rows 2, 26, 93)."""
    if event["kind"] not in context.settings.order_kinds:
        return
    # The person's grid and unit may lie outside the area of whoever registers the event.
    async with full_sight(session):
        made = await fetch_value(
            session,
            queries.OPEN,
            event_id=event["event_id"],
            person_id=event["person_id"],
            kind=event["kind"],
            unit_code=event["unit_code"],
            opened_at=event["happens_at"],
            today=day_of(now),
            now=now,
        )
        if made is not None:
            await _tell(session, [made], now=now)


async def moved(session: Session, event: RowMapping, *, now: datetime) -> None:
    """Let the order begin when its event really happened."""
    async with full_sight(session):
        found = await fetch_value(
            session, queries.MOVE, event_id=event["event_id"], opened_at=event["happens_at"]
        )
        if found is not None:
            await _tell(session, [found], now=now)


async def ended(session: Session, event: RowMapping, *, now: datetime) -> None:
    """End the order of an event that was taken back."""
    async with full_sight(session):
        found = await fetch_value(session, queries.END, event_id=event["event_id"])
        if found is not None:
            await _tell(session, [found], now=now)


async def look(session: Session, context: Context[Any]) -> bool:
    """Note which orders have their sample or result, from the ledger; True if there may be more."""
    now = await context.clock.now(session)
    since = now - timedelta(days=context.settings.order_days)
    rows = await fetch_all(session, queries.FOUND, since=since, most=MOST)
    await _tell(session, [row["event_id"] for row in rows], now=now)
    return len(rows) == MOST


async def _tell(session: Session, event_ids: Sequence[UUID], *, now: datetime) -> None:
    if not event_ids:
        return
    for row in await fetch_all(session, queries.TOLD, event_ids=list(event_ids)):
        message = OrderChanged(
            order_id=row["event_id"],
            revision=row["revision"],
            kind=row["kind"],
            person_id=row["person_id"],
            unit_code=row["unit_code"],
            township_code=row["township_code"],
            opened_at=_text(row["opened_at"]) or "",
            registered_at=_text(row["registered_at"]) or "",
            state=row["state"],
            sampled_at=_text(row["sampled_at"]),
            resulted_at=_text(row["resulted_at"]),
        )
        await bus.publish(session, message, now=now)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(SHANGHAI).isoformat()


LOOK: Final = Schedule("orders.look", timedelta(seconds=10), look)
