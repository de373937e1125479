"""Handlers of what results-ingest and registry count."""

from notifier.digests import service
from notifier.notices.service import Notifier
from shared.db import Session
from shared.messages import IntakeCounted, RoundCounted, RoundVisible, SamplesUnexplained, SitesLate


async def on_samples_unexplained(session: Session, message: SamplesUnexplained, context: Notifier) -> None:
    """Tell a body what it holds up."""
    await service.tell_held_up(session, context, message)


async def on_sites_late(session: Session, message: SitesLate, context: Notifier) -> None:
    """Tell a township which sites of a round are not ready."""
    await service.tell_late_sites(session, context, message)


async def on_round_counted(session: Session, message: RoundCounted, context: Notifier) -> None:
    """Tell townships how far a round is in their grids."""
    await service.tell_coverage(session, context, message)


async def on_round_visible(session: Session, message: RoundVisible, context: Notifier) -> None:
    """Tell laboratories and the CDC what of a round cannot be seen."""
    await service.tell_visible(session, context, message)


async def on_intake_counted(session: Session, message: IntakeCounted, context: Notifier) -> None:
    """Tell a township how far a day's sampling is."""
    await service.tell_intake(session, context, message)
