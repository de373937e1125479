"""Keeps apart who enters what duties hang on, and who changes the rules or places they are read from.

Each looks at what the other writes: an entry reads rules and places, a changed rule or place looks who is
concerned. Side by side neither would see the other, and somebody would keep the duty of yesterday. The
lock lasts until the transaction ends. Take it after people's rows and before statuses'.
"""

from collections.abc import Iterable
from datetime import datetime

from registry.statuses import queries
from shared.db import Session, execute, full_sight


async def entering(session: Session) -> None:
    """Hold for an entry: an enrolment, a vaccination, an event. Any number of them run side by side."""
    await execute(session, queries.HOLD_ENTERING)


async def changing(session: Session) -> None:
    """Hold for a change of rules, or of the town, department or district that somebody's unit is in."""
    await execute(session, queries.HOLD_CHANGING)


async def areas_changed(session: Session, codes: Iterable[str | None], *, now: datetime) -> None:
    """Have everybody worked out again, within a minute, whom a rule of one of these areas may bind."""
    areas = sorted({code for code in codes if code is not None})
    async with full_sight(session):
        await execute(session, queries.ASK_FOR_AREAS, areas=areas, now=now)
