"""Schedules: rows claimed with a lock, so a missed one is caught up and no two workers run it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from shared.bus import queries
from shared.bus.types import Routine, Schedule
from shared.context import Context
from shared.db import LONG_SECONDS, Session, execute, fetch_value

_log = structlog.get_logger()
LOOK_SECONDS = 0.25
PAUSE_SECONDS = 1.0


async def forget_delivered(session: Session, context: Context[Any]) -> bool:
    """Delete delivered messages past their retention, some at a time."""
    gone = await execute(session, queries.DELETE_OLD, hours=context.settings.bus_retention_hours)
    return gone > 0


RETENTION = Schedule("bus.retention", timedelta(minutes=5), forget_delivered)


async def run_schedules(context: Context[Any], schedules: Sequence[Schedule]) -> None:
    """Run what is due, for ever; a schedule that fails is logged and comes round again."""
    await _ensure(context, schedules)
    running: dict[str, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        while True:
            due = await _due(context)
            for schedule in schedules:
                task = running.get(schedule.name)
                if schedule.name in due and (task is None or task.done()):
                    running[schedule.name] = group.create_task(_run_while_due(context, schedule))
            await asyncio.sleep(LOOK_SECONDS)


async def _ensure(context: Context[Any], schedules: Sequence[Schedule]) -> None:
    while True:
        try:
            async with context.db.transaction() as session:
                for schedule in schedules:
                    await execute(
                        session, queries.ENSURE_SCHEDULE, consumer=context.service, name=schedule.name
                    )
        except Exception:  # noqa: BLE001 - logged, and tried until the database is there
            _log.exception("schedules_unwritable")
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


async def _due(context: Context[Any]) -> set[str]:
    """Return the schedules whose time has come: one look for all of them."""
    try:
        rows = await context.reads.fetch(queries.DUE_SCHEDULES, context.service)
    except Exception:  # noqa: BLE001 - logged, and the work comes round again
        _log.exception("schedules_unreadable")
        await asyncio.sleep(PAUSE_SECONDS)
        return set()
    return {row["name"] for row in rows}


async def _run_while_due(context: Context[Any], schedule: Schedule) -> None:
    try:
        while await run_once(context, schedule):
            pass
    except Exception:  # noqa: BLE001 - logged, and the work comes round again
        _log.exception("schedule_failed", schedule=schedule.name)
        await asyncio.sleep(PAUSE_SECONDS)


async def run_once(context: Context[Any], schedule: Schedule) -> bool:
    """Run one transaction of a schedule if it is due; return whether it wants another at once."""
    key = {"consumer": context.service, "name": schedule.name}
    async with context.db.transaction(seconds=LONG_SECONDS) as session:
        if await fetch_value(session, queries.CLAIM_SCHEDULE, **key) is None:
            return False
        more = await schedule.run(session, context)
        seconds = 0.0 if more else _pause(context, schedule)
        await execute(session, queries.ADVANCE_SCHEDULE, seconds=seconds, **key)
    return more


def _pause(context: Context[Any], schedule: Schedule) -> float:
    own, longest = schedule.every.total_seconds(), context.settings.bus_schedule_seconds
    return own if longest is None else min(own, longest)


async def keep_running(context: Context[Any], routine: Routine) -> None:
    """Run a routine for ever; start it again when it fails."""
    while True:
        try:
            await routine(context)
        except Exception:  # noqa: BLE001 - logged, and the work comes round again
            _log.exception("routine_failed", routine=getattr(routine, "__name__", "routine"))
        await asyncio.sleep(PAUSE_SECONDS)
