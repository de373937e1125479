"""Handlers of what results-ingest raises and what the CDC's review makes of it."""

from notifier.alarms import service
from notifier.notices.service import Notifier
from notifier.tasks import service as tasks
from shared.db import Session
from shared.messages import AlarmRaised, AlarmReviewed


async def on_alarm_raised(session: Session, message: AlarmRaised, context: Notifier) -> None:
    """Alert every body that must know, at once."""
    now = await context.clock.now(session)
    alert_id = await service.record_alarm(session, context, message, now=now)
    await service.settle(session, context, alert_id=alert_id, now=now)


async def on_alarm_reviewed(session: Session, message: AlarmReviewed, context: Notifier) -> None:
    """Update or revoke, tasks too; a verdict that comes before its alarm or order waits for it."""
    now = await context.clock.now(session)
    for alert_id in await service.record_review(session, message):
        await service.settle(session, context, alert_id=alert_id, now=now)
    for kind in tasks.KINDS:
        await tasks.settle(session, context, kind=kind, result_id=message.result_id, now=now)
