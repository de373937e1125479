"""What results-ingest tells of goods and premises: their results are samples that plans ask for."""

from datetime import datetime
from typing import Any

from registry.plans import queries
from shared.context import Context
from shared.db import Session, execute
from shared.messages import ThingsResulted


async def things_resulted(session: Session, message: ThingsResulted, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Add results of goods and premises, and mark those that were replaced."""
    if message.results:
        await execute(
            session,
            queries.ADD_RESULTS,
            ids=[each.result_id for each in message.results],
            units=[each.unit_code for each in message.results],
            subjects=[each.subject for each in message.results],
            kinds=[each.sample_kind for each in message.results],
            outcomes=[each.outcome for each in message.results],
            collected=[datetime.fromisoformat(each.collected_at) for each in message.results],
        )
    if message.replaced:
        await execute(session, queries.MARK_REPLACED, ids=list(message.replaced))
