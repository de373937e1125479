"""Handlers of what results-ingest orders."""

from datetime import datetime, timedelta

from notifier.notices.service import Notifier
from notifier.tasks import service
from notifier.tasks.rules import Task
from shared.db import Session
from shared.messages import RecheckOrdered, ResampleOrdered


async def on_recheck_ordered(session: Session, message: RecheckOrdered, context: Notifier) -> None:
    """Have the members of a pool tested singly."""
    task = Task(
        kind="task.recheck",
        result_id=message.result_id,
        tube_code=message.tube_code,
        site_code=message.site_code,
        unit_code=None,
        lab_code=message.lab_code,
        person_ids=message.person_ids,
        retained_tubes=message.retained_tubes if context.settings.recheck_route == "retained" else (),
        due_at=datetime.fromisoformat(message.at) + timedelta(hours=context.settings.recheck_hours)
        if message.due_at is None
        else datetime.fromisoformat(message.due_at),
    )
    await _take(session, context, task)


async def on_resample_ordered(session: Session, message: ResampleOrdered, context: Notifier) -> None:
    """Have an invalid sample taken again."""
    task = Task(
        kind="task.resample",
        result_id=message.result_id,
        tube_code=message.tube_code,
        site_code=message.site_code,
        unit_code=message.unit_code,
        lab_code=message.lab_code,
        person_ids=message.person_ids,
        retained_tubes=(),
        due_at=None,
    )
    await _take(session, context, task)


async def _take(session: Session, context: Notifier, task: Task) -> None:
    now = await context.clock.now(session)
    await service.record(session, context, task)
    await service.settle(session, context, kind=task.kind, result_id=task.result_id, now=now)
