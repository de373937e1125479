"""What registry tells of the platform."""

from datetime import datetime
from typing import Any

from results_ingest.display import queries
from shared.context import Context
from shared.db import Session, execute, fetch_one
from shared.messages import StatusesNumbered, StatusesShown


async def on_statuses_numbered(session: Session, message: StatusesNumbered, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Note whose status waits for the platform; what has been acknowledged meanwhile does not."""
    await fetch_one(session, queries.LOCK)
    await execute(
        session, queries.WAIT, seq=message.seq, since=_time(message.since), people=list(message.people)
    )
    await execute(session, queries.SHOW)


async def on_statuses_shown(session: Session, message: StatusesShown, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Note how far the platform is, and whom it could not show."""
    await fetch_one(session, queries.LOCK)
    if message.failed:
        await execute(
            session,
            queries.FAIL,
            seq=message.acknowledged,
            since=_time(message.since),
            people=[each.person_id for each in message.failed],
            codes=[each.code for each in message.failed],
        )
    watermark = _time(message.watermark)
    await execute(session, queries.ADVANCE, acknowledged=message.acknowledged, watermark=watermark)
    await execute(session, queries.SHOW)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
