"""Handlers of the ladder: a week in breach, a week judged, and the evaluation that drives its deadlines."""

from notifier.ladder import deadlines, service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import EvaluationFinished, WeekBreached, WeekJudged


async def on_week_breached(session: Session, message: WeekBreached, context: Notifier) -> None:
    """Issue the bulletin of a unit's week, once."""
    await service.judge(session, context, message, now=await context.clock.now(session))


async def on_week_judged(session: Session, message: WeekJudged, context: Notifier) -> None:
    """Nothing follows: each unit in breach is told of by itself, and the others have nothing to hear."""
    del session, message, context


async def on_evaluation_finished(session: Session, message: EvaluationFinished, context: Notifier) -> None:
    """Run the deadlines of the day (contract §4); again for the same day nothing is left to chase."""
    del message
    while await deadlines.chase(session, context):
        pass
