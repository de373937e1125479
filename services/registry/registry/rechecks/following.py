"""Follows what each member of a pool owes, and tells results-ingest, whose clocks time it (rows 72-78).

The facts decide, by the function that also makes the list and the status: so none can say otherwise.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from registry.rechecks import queries
from registry.rechecks.rules import WAITING, Order, orders_of
from registry.rechecks.service import terms_of
from registry.statuses.loading import load_facts
from shared import bus
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.messages import OrderChanged


async def follow(session: Session, context: Context[Any], *, people: Sequence[UUID], now: datetime) -> None:
    """Open, move and end the orders of these people as their facts now stand; again it changes nothing.

    Call it after their statuses were worked out: it looks only at who is under re-check or was.
    """
    rows = await fetch_all(session, queries.CONCERNED, people=list(people))
    concerned = [row["person_id"] for row in rows]
    if not concerned:
        return
    facts = await load_facts(session, concerned)
    known = await _known(session, concerned)
    terms = terms_of(context.settings)
    changed = [
        await _keep(session, person_id, order, now=now)
        for person_id in concerned
        for order in orders_of(facts[person_id], terms, known=known[person_id])
    ]
    await _tell(session, changed, now=now)


async def _known(session: Session, people: Sequence[UUID]) -> dict[UUID, dict[tuple[UUID, str], Order]]:
    found: dict[UUID, dict[tuple[UUID, str], Order]] = {each: {} for each in people}
    for row in await fetch_all(session, queries.ORDERS, people=list(people)):
        values = {name: row[name] for name in Order.__dataclass_fields__}
        found[row["person_id"]][row["pool_id"], row["route"]] = Order(**values)
    return found


async def _keep(session: Session, person_id: UUID, order: Order, *, now: datetime) -> UUID:
    order_id = uuid5(order.pool_id, f"{person_id}:{order.route}")
    values = {name: getattr(order, name) for name in Order.__dataclass_fields__}
    await execute(
        session,
        queries.KEEP_ORDER,
        order_id=order_id,
        person_id=person_id,
        today=day_of(now),
        now=now,
        **values,
    )
    return order_id


async def _tell(session: Session, order_ids: Sequence[UUID], *, now: datetime) -> None:
    if not order_ids:
        return
    for row in await fetch_all(session, queries.TOLD, order_ids=list(order_ids)):
        message = OrderChanged(
            order_id=row["order_id"],
            revision=row["revision"],
            kind=f"recheck_{row['route']}",
            person_id=row["person_id"],
            unit_code=row["unit_code"],
            township_code=row["township_code"],
            opened_at=_text(row["opened_at"]) or "",
            registered_at=_text(row["registered_at"]) or "",
            state="open" if row["state"] == WAITING else row["state"],
            sampled_at=_text(row["sampled_at"]),
            resulted_at=_text(row["resulted_at"]),
            code=row["pool_code"],
            lab_code=row["lab_code"],
        )
        await bus.publish(session, message, now=now)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(SHANGHAI).isoformat()
