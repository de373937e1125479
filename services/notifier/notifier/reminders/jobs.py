"""Handler of a unit's evaluation."""

from datetime import date

from notifier.notices.service import Notifier
from notifier.reminders import service
from shared.db import Session
from shared.messages import UnitEvaluated


async def on_unit_evaluated(session: Session, message: UnitEvaluated, context: Notifier) -> None:
    """Remind the unit, and its people where there is a phone."""
    now = await service.record(session, context, message)
    if now is None:
        return
    unit_code, day = message.unit_code or "", date.fromisoformat(message.day)
    if not await service.settle(session, context, unit_code=unit_code, day=day, now=now):
        await service.confirm_later(session, context, unit_code=unit_code, day=day)
