"""Deliveries that were given up: listed, tried again or dropped by an administrator.

A body is never shown; it may hold sealed personal data. Each service sees its own deliveries.
"""

import base64
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from shared.context import Context
from shared.db import Session, after_commit, execute, fetch_all, fetch_value, sql
from shared.errors import NOT_FOUND, Problem
from shared.routing import queue_name

SEALED_AS: Final = "bus.delivery.reason"

LIST_DEAD = sql("""
    SELECT d.message_id, m.name, m.version, d.consumer, d.urgent, d.attempt, d.error, m.created_at,
           d.settled_at
    FROM bus.delivery AS d JOIN bus.message AS m USING (message_id)
    WHERE d.consumer = :consumer AND d.state = 'dead'
      AND (CAST(:after AS uuid) IS NULL OR d.message_id > CAST(:after AS uuid))
    ORDER BY d.message_id LIMIT :limit
""")

REPLAY = sql("""
    UPDATE bus.delivery
    SET state = 'pending', attempt = 0, due_at = clock_timestamp(), settled_at = NULL, settled_by = :by
    WHERE message_id = :message_id AND consumer = :consumer AND state = 'dead'
    RETURNING urgent
""")

DROP = sql("""
    UPDATE bus.delivery
    SET state = 'dropped', settled_at = clock_timestamp(), settled_by = :by, reason = :reason
    WHERE message_id = :message_id AND consumer = :consumer AND state = 'dead'
""")


async def list_dead(
    session: Session, *, consumer: str, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return dead letters of a consumer in order of their ids, oldest first."""
    rows = await fetch_all(session, LIST_DEAD, consumer=consumer, after=after, limit=limit)
    return [_shown(row) for row in rows]


async def replay(session: Session, context: Context[Any], *, message_id: UUID, by: str) -> None:
    """Make a dead letter due again with all its attempts; Problem 404 if it is not dead."""
    urgent: bool | None = await fetch_value(
        session, REPLAY, message_id=message_id, consumer=context.service, by=by
    )
    if urgent is None:
        raise Problem(NOT_FOUND)

    async def wake() -> None:
        context.nudger.nudge(queue_name(context.service, urgent=urgent), [message_id])

    after_commit(session, f"replay:{message_id}", wake)


async def drop(session: Session, context: Context[Any], *, message_id: UUID, by: str, reason: str) -> None:
    """Give a dead letter up for good; the reason is kept sealed. Problem 404 if it is not dead."""
    sealed = base64.b64encode(context.sealer.seal(reason.encode(), context=SEALED_AS)).decode()
    dropped = await execute(
        session, DROP, message_id=message_id, consumer=context.service, by=by, reason=sealed
    )
    if not dropped:
        raise Problem(NOT_FOUND)


def _shown(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["message_id"],
        "name": row["name"],
        "version": row["version"],
        "consumer": row["consumer"],
        "urgent": row["urgent"],
        "attempt": row["attempt"],
        "error": row["error"],
        "created_at": row["created_at"],
        "died_at": row["settled_at"],
    }
