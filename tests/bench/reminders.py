"""Reminders become rows that are ready to be sent: notices and their deliveries, beside a bare INSERT … SELECT.

Notifier's own handler takes the evaluations of units, a transaction each, as its worker does; quiet hours of
all day keep the running senders away. The bare limit writes the same rows into equally indexed tables that
nothing has a hand in. Each run has people of its own, and its two parts follow each other.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
from rich.console import Console

from notifier.contacts.service import PERSON_CONTEXT
from notifier.notices.service import Notifier
from notifier.reminders.jobs import on_unit_evaluated
from notifier.settings import NotifierSettings
from shared.bus.runner import JOBS
from shared.clock import SHANGHAI
from shared.context import open_context, spare_collector
from shared.db import Session
from shared.messages import UnitEvaluated
from shared.messages.evaluations import DuePerson
from tests.bench.figures import Figure, against
from tests.bench.running import Running

FULL_REMINDERS: Final = 100_000
QUICK_REMINDERS: Final = 20_000
OF_A_UNIT: Final = 100
# So many deliveries a worker has under way in a flood.
AT_ONCE: Final = JOBS
REACH: Final = 0.2
TABLES: Final = (
    "CREATE SCHEMA IF NOT EXISTS bare",
    "CREATE TABLE bare.notice (LIKE notifier.notice INCLUDING ALL)",
    "CREATE TABLE bare.delivery (LIKE notifier.delivery INCLUDING ALL)",
)
MINE: Final = "SELECT n.* FROM notifier.notice n WHERE n.subject_code LIKE $1"
STAGED: Final = (
    "CREATE TEMP TABLE some_notices AS " + MINE,
    """CREATE TEMP TABLE some_deliveries AS
       SELECT d.* FROM notifier.delivery d JOIN notifier.notice n USING (notice_id)
       WHERE n.subject_code LIKE $1""",
)


async def figures(running: Running, console: Console, *, quick: bool, runs: int) -> list[Figure]:
    """Measure the product and the limit in turn."""
    spare_collector()  # as each process of a service does
    count = QUICK_REMINDERS if quick else FULL_REMINDERS
    ours: list[float] = []
    bare: list[float] = []
    owner = await asyncpg.connect(running.owner_url)
    try:
        async with _notifier(running.environment) as context:
            for statement in TABLES:
                await owner.execute(statement)
            for run in range(runs):
                messages = await _people(owner, context, run, count)
                ours.append(count / await _handled(context, messages))
                bare.append(count / await _bare(owner, run, count))
                console.print(f"  reminders: {ours[-1]:,.0f}/s, bare {bare[-1]:,.0f}/s")
    finally:
        await owner.close()
    return [against("reminders ready to send", ours, bare, unit="/s", at_least=REACH)]


@asynccontextmanager
async def _notifier(environment: Mapping[str, str]) -> AsyncIterator[Notifier]:
    values: dict[str, Any] = {name.lower(): value for name, value in environment.items()}
    values |= {"data_keys": json.loads(environment["DATA_KEYS"]), "daily_caps": {}}
    # It is always quiet: what is queued waits, however long the measurement takes.
    values |= {"quiet_from": time_of_day(0), "quiet_until": time_of_day(23, 59, 59)}
    async with open_context(NotifierSettings(**values), service="notifier", part="bench") as context:
        yield context


async def _people(owner: asyncpg.Connection, context: Notifier, run: int, count: int) -> list[UnitEvaluated]:
    """Store units and people as their contacts' messages would have, and return the evaluations of a day."""
    day = datetime.now(SHANGHAI).date() + timedelta(days=run)
    units = [f"BENCH{run}-{number:05}" for number in range(count // OF_A_UNIT)]
    contact = context.sealer.seal_json({"name": "店长", "phone": "13700000000"}, context="contact.unit")
    columns = ["unit_code", "unit_name", "township_code", "contact", "revision"]
    rows: Iterator[tuple[Any, ...]] = ((unit, unit, "BENCH", contact, 1) for unit in units)
    await owner.copy_records_to_table("unit", schema_name="notifier", columns=columns, records=rows)
    people = [(uuid4(), unit, number) for unit in units for number in range(OF_A_UNIT)]
    columns = ["person_id", "health_code_id", "unit_codes", "contact", "version"]
    rows = ((one, _code(unit, number), [unit], _contact(context, number), 1) for one, unit, number in people)
    await owner.copy_records_to_table("person", schema_name="notifier", columns=columns, records=rows)
    await owner.execute("ANALYZE notifier.person, notifier.unit")
    by_unit = {
        unit: people[start : start + OF_A_UNIT] for unit, start in zip(units, _steps(count), strict=True)
    }
    return [_evaluated(unit, day, of_unit) for unit, of_unit in by_unit.items()]


def _steps(count: int) -> range:
    return range(0, count, OF_A_UNIT)


def _code(unit: str, number: int) -> str:
    return f"{unit}-{number}"


def _contact(context: Notifier, number: int) -> bytes:
    content = {"name": "张三丰", "phone": f"138{number:08}"}
    return context.sealer.seal_json(content, context=PERSON_CONTEXT)


def _evaluated(unit: str, day: date, people: list[tuple[UUID, str, int]]) -> UnitEvaluated:
    due = [DuePerson(one, "8A1", day.isoformat(), "due_soon", "due", _code(unit, n)) for one, _, n in people]
    return UnitEvaluated(uuid4(), day.isoformat(), f"{day}T00:00:05+08:00", unit, "BENCH", None, tuple(due))


async def _handled(context: Notifier, messages: list[UnitEvaluated]) -> float:
    """Return how long the handler takes for all, as many at once as a worker has under way."""
    waiting = iter(messages)

    async def work() -> None:
        for message in waiting:

            async def handle(session: Session, message: UnitEvaluated = message) -> None:
                await on_unit_evaluated(session, message, context)

            await context.db.run(handle)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return time.perf_counter() - started


async def _bare(owner: asyncpg.Connection, run: int, count: int) -> float:
    """Return how long two statements take for the rows that the product has just made."""
    mine = f"BENCH{run}-%"
    for table, statement in zip(("some_notices", "some_deliveries"), STAGED, strict=True):
        await owner.execute(f"DROP TABLE IF EXISTS {table}")
        await owner.execute(statement.replace("$1", f"'{mine}'"))
    made = await owner.fetchval("SELECT count(*) FROM some_notices WHERE recipient_type = 'person'")
    ready = await owner.fetchval("SELECT count(*) FROM some_deliveries WHERE state = 'queued'")
    if (made, ready) != (count, count + count // OF_A_UNIT):
        message = f"{made} notices and {ready} deliveries of {count} reminders"
        raise RuntimeError(message)
    started = time.perf_counter()
    async with owner.transaction():
        await owner.execute("INSERT INTO bare.notice SELECT * FROM some_notices")
        await owner.execute("INSERT INTO bare.delivery SELECT * FROM some_deliveries")
    return time.perf_counter() - started
