"""The look at all laboratories, by the worker: one alarm for each silence, and its end is told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from results_ingest.silences import queries
from results_ingest.silences.rules import Watched, owes_since, silent_since
from shared.bus import Schedule, publish
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.ids import new_id
from shared.messages import LabSilence


async def look(session: Session, context: Context[Any]) -> bool:
    """Raise what has fallen silent and end what has spoken; never wants another turn at once."""
    now = await context.clock.now(session)
    for found in await fetch_all(session, queries.WATCHED, today=day_of(now)):
        row = dict(found)
        if row["silence_id"] is not None:
            await _end(session, row, now=now)
        elif row["serves"]:
            await _raise(session, context, row, now=now)
    return False


async def _end(session: Session, row: Mapping[str, Any], *, now: datetime) -> None:
    """End a silence with the first batch after it, or when the laboratory serves no more."""
    last = row["last_batch"]
    if row["serves"] and (last is None or last <= row["since"]):
        return
    ended_at = last if row["serves"] else now
    ended = await fetch_one(session, queries.END, silence_id=row["silence_id"], ended_at=ended_at)
    if ended is not None:
        await _tell(session, row["silence_id"], dict(ended), ended_at=ended_at, now=now)


async def _raise(session: Session, context: Context[Any], row: Mapping[str, Any], *, now: datetime) -> None:
    settings = context.settings
    minutes = row["silent_minutes"] or settings.silent_minutes
    lab = Watched(
        row["opens_at"], row["closes_at"], timedelta(minutes=minutes), row["always_expected"],
        row["floor"], row["last_batch"],
    )  # fmt: skip
    owes = owes_since(lab, now)
    # Whoever has just posted is asked nothing more: what waits is counted only past the limit.
    if owes is None or now - owes < lab.limit:
        return
    since = now - timedelta(hours=settings.silent_look_hours)
    waiting = await fetch_one(session, queries.WAITING, lab_code=row["lab_code"], since=since)
    tubes, oldest = (0, None) if waiting is None else (waiting["tubes"], waiting["oldest"])
    silent = silent_since(lab, oldest, now)
    if silent is None:
        return
    silence_id = new_id(now)
    raised = {"lab_code": row["lab_code"], "since": silent, "minutes": minutes, "waiting": tubes}
    if await execute(session, queries.RAISE, silence_id=silence_id, now=now, **raised):
        await _tell(session, silence_id, raised, ended_at=None, now=now)


async def _tell(
    session: Session, silence_id: UUID, row: Mapping[str, Any], *, ended_at: datetime | None, now: datetime
) -> None:
    message = LabSilence(
        silence_id=silence_id,
        revision=1 if ended_at is None else 2,
        lab_code=row["lab_code"],
        since=row["since"].astimezone(SHANGHAI).isoformat(),
        minutes=row["minutes"],
        waiting=row["waiting"],
        ended_at=None if ended_at is None else ended_at.astimezone(SHANGHAI).isoformat(),
    )
    await publish(session, message, now=now, urgent=True)


LOOK: Final = Schedule("silences.look", timedelta(seconds=30), look)
