"""Handler of deadlines: results-ingest keeps the limits, as dated data."""

from datetime import datetime
from typing import Any

from registry.rechecks import queries
from shared.context import Context
from shared.db import Session, execute
from shared.messages import OrderTimed


async def order_timed(session: Session, message: OrderTimed, _context: Context[Any]) -> None:
    """Keep until when a re-check is owed; of an order that has moved on since, the next one will say."""
    due_at = datetime.fromisoformat(message.due_at)
    await execute(session, queries.TIMED, order_id=message.order_id, revision=message.revision, due_at=due_at)
