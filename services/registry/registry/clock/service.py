"""Moves the business clock of demo and test; in production there is none to move."""

from datetime import datetime
from typing import Any

from registry.clock import queries
from registry.clock.errors import CLOCK_BACKWARDS
from shared.context import Context
from shared.db import Session, execute
from shared.errors import NOT_FOUND, Problem


async def move(session: Session, context: Context[Any], *, now: datetime) -> None:
    """Set the time of all three services; Problem 409 backwards, 404 in production."""
    if context.settings.environment == "production":
        raise Problem(NOT_FOUND)
    if not await execute(session, queries.MOVE, now=now):
        raise Problem(CLOCK_BACKWARDS)
