"""What matching does when a part of a batch has come, and by the clock."""

from datetime import timedelta
from typing import Any

from results_ingest.matching import service
from shared.bus.types import Schedule
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, sql
from shared.messages import BatchPartReceived

MAKE_PARTITIONS = sql("SELECT ingest.make_result_partitions(CAST(:today AS date), 3)")


async def on_part_received(session: Session, message: BatchPartReceived, context: Context[Any]) -> None:
    """Match a part of a batch."""
    await service.apply_part(session, context, batch_id=message.batch_id, part=message.part)


async def make_partitions(session: Session, context: Context[Any]) -> bool:
    """Make the partitions of this month and the next two, so that none is missing when it begins."""
    await execute(session, MAKE_PARTITIONS, today=day_of(await context.clock.now(session)))
    return False


PARTITIONS = Schedule("matching.partitions", timedelta(hours=6), make_partitions)
