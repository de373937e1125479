"""What comes round costs, at the end of a day that was played: seconds and processor seconds beside a bare query.

Each piece of work is done as its worker does it, over everything that the day left behind; the bare
query reads (for clocks: rewrites) the same rows once and does nothing else with them.
"""

import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
from rich.console import Console

from results_ingest import nights
from results_ingest.lateness import service as lateness
from results_ingest.league import counting as league
from results_ingest.quality import counting as quality
from results_ingest.reconciliation import queries
from results_ingest.reconciliation.service import parameters_of
from shared.db import LONG_SECONDS, Session, fetch_all
from shared.result_ids import oldest_id
from tests.bench import cpu
from tests.bench.figures import AT_MOST, Figure
from tests.district_day.play import AFTERNOON, DAY
from tests.support.system import System

RUNS: Final = 3
SAMPLES: Final = 100_000
"""What the figures are told for."""
MOST_SECONDS: Final = 30.0
Work = Callable[[Session], Awaitable[object]]

# Every clock of the day falls due at once: the most that one look can ever find.
_ALL_DUE: Final = "UPDATE ingest.clock SET next_at = $1"
_CLOCKS: Final = "UPDATE ingest.clock SET state = state, starts_at = starts_at"
_RESULTS: Final = """
    SELECT lab_code, count(*), max(tested_at - collected_at) FROM ingest.result
    WHERE batch_id >= $1 AND batch_id < $2 GROUP BY lab_code
"""
_TUBES: Final = """
    SELECT t.lab_code, count(*), max(t.collected_at) FROM ingest.tube t
    JOIN ingest.tube_result r ON r.tube_id = t.tube_id
    WHERE t.collected_at >= $1 AND t.collected_at < $2 GROUP BY t.lab_code
"""
_MEMBERS: Final = """
    SELECT t.site_code, count(*), max(t.collected_at) FROM ingest.tube t
    JOIN ingest.tube_member m ON m.tube_id = t.tube_id
    WHERE t.collected_at >= $1 AND t.collected_at < $2 GROUP BY t.site_code
"""


@dataclass(frozen=True, slots=True)
class Round:
    """Work that comes round; `every`: until it says that nothing is left."""

    name: str
    work: Work
    bare: tuple[str, tuple[Any, ...]]
    before: tuple[str, tuple[Any, ...]] | None = None
    every: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds, and processor seconds of this process and of the database."""

    seconds: float
    processor: float


async def measured(system: System, samples: int, console: Console) -> list[Figure]:
    """Return the figures, told for 100,000 samples; the workers stand still meanwhile."""
    await system.stop_workers()
    await system.owner.execute("VACUUM ANALYZE")
    found: list[Figure] = []
    for each in _rounds(system):
        runs = [await _run(system, each) for _ in range(RUNS)]
        found += _figures(each.name, runs, share=SAMPLES / samples)
        console.print(f"measured: {each.name}")
    return found


def _rounds(system: System) -> list[Round]:
    day = date.fromisoformat(DAY)
    begins, ends = nights.span(day)
    context = system.context("results-ingest")
    given = parameters_of(context, day, day, None, now=AFTERNOON)

    async def counted(session: Session) -> None:
        await fetch_all(session, queries.COUNTS["day", "body"], limit=100, **given)

    async def held_up(session: Session) -> None:
        await fetch_all(session, queries.HELD_UP, **given)

    ids = (oldest_id(begins), oldest_id(ends))
    return [
        Round(
            "clocks, all of a day at once", lambda session: lateness.look(session, context), (_CLOCKS, ()),
            before=(_ALL_DUE, (AFTERNOON,)), every=True,
        ),
        Round("clocks, when nothing is due", lambda session: lateness.look(session, context), (_CLOCKS, ())),
        Round("quality list of a day", lambda session: quality.count_day(session, day), (_RESULTS, ids)),
        Round("league of a day", lambda session: league.count_day(session, day), (_TUBES, (begins, ends))),
        Round("reconciliation, counts of a day", counted, (_MEMBERS, (begins, ends))),
        Round("reconciliation, the morning's digest", held_up, (_MEMBERS, (begins, ends))),
    ]  # fmt: skip


async def _run(system: System, each: Round) -> tuple[Spent, Spent]:
    if each.before:
        await system.owner.execute(each.before[0], *each.before[1])
    worked = await _spent(lambda: _work(system, each))
    return worked, await _spent(lambda: _bare(system.owner, *each.bare))


async def _work(system: System, each: Round) -> None:
    more: object = True
    while more:
        async with system.context("results-ingest").db.transaction(seconds=LONG_SECONDS) as session:
            more = await each.work(session) if each.every else await _once(each.work(session))


async def _once(work: Awaitable[object]) -> bool:
    await work
    return False


async def _bare(owner: asyncpg.Connection, statement: str, values: tuple[Any, ...]) -> None:
    """Do it and undo it."""
    transaction = owner.transaction()
    await transaction.start()
    await owner.fetch(statement, *values)
    await transaction.rollback()


async def _spent(work: Callable[[], Awaitable[None]]) -> Spent:
    used, began = _processor(), time.monotonic()
    await work()
    return Spent(time.monotonic() - began, _processor() - used)


def _processor() -> float:
    return sum(cpu.read(os.getpid(), owner="").values())


def _figures(name: str, runs: list[tuple[Spent, Spent]], *, share: float) -> list[Figure]:
    seconds = statistics.median(worked.seconds for worked, _ in runs) * share
    bare = statistics.median(limit.seconds for _, limit in runs) * share
    spread = (max(r.seconds for r, _ in runs) - min(r.seconds for r, _ in runs)) * share / seconds
    processor = statistics.median(worked.processor for worked, _ in runs) * share
    bare_processor = statistics.median(limit.processor for _, limit in runs) * share
    return [
        Figure(
            name, seconds, "s per 100,000", limit=bare, ratio=seconds / bare,
            reach=MOST_SECONDS, bound=AT_MOST, holds=seconds <= MOST_SECONDS, spread=spread,
        ),
        Figure(f"{name}, processor", processor, "s per 100,000", limit=bare_processor),
    ]  # fmt: skip
