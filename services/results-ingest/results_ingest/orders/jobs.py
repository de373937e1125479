"""Handler of orders; the highest revision wins, in any order."""

from typing import Any

from results_ingest.orders import service
from shared.context import Context
from shared.db import Session
from shared.messages import OrderChanged


async def on_order_changed(session: Session, message: OrderChanged, context: Context[Any]) -> None:
    """Keep an order and let its clocks run."""
    await service.keep(session, context, message)
