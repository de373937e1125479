"""`make bench-scale`: what a result costs in a large store, against the same in a small one beside it.

Both systems run at once and are measured in turn. People are loaded by COPY, every result came in
through the API. `SCALE_PEOPLE` and `SCALE_RESULTS` set the large one; the small one has 100,000 people
and 500,000 results.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from tests.bench.figures import Figure, against, print_figures, write_figures
from tests.bench.posting import ROWS, burst
from tests.bench.running import Running, running_system
from tests.bench.stand import QUICK, Length, Stand, standing

MOST_GROWTH: Final = 1.3
SMALL: Final = (100_000, 500_000)
LARGE: Final = (10_000_000, 50_000_000)
RUNS: Final = 5
# As many as pass between two checkpoints at full speed: a page is logged whole once in that time, and a
# run that ended sooner would charge few results with what many share.
MEASURED: Final = 500_000
WAL: Final = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
BLOCKS: Final = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a result took: processor milliseconds per 1,000, bytes of WAL, blocks looked at."""

    cpu: float
    wal: float
    blocks: float


def main() -> None:
    """Measure; the exit code says whether a result costs at most 1.3 times as much in the large store."""
    people = int(os.environ.get("SCALE_PEOPLE") or LARGE[0])
    results = int(os.environ.get("SCALE_RESULTS") or LARGE[1])
    console = Console(width=None if sys.stdout.isatty() else 130)
    with running_system() as small, running_system() as large:
        costs = uvloop.run(_measure([(small, SMALL), (large, (people, results))], console))
    figures = _figures(*costs)
    print_figures(console, figures, title=f"a result among {people:,} people and {results:,} results")
    path = Path(os.environ.get("DATA_DIR") or ".run") / "bench-scale.json"
    write_figures(path, figures, {"people": people, "results": results, "small": SMALL})
    sys.exit(0 if all(figure.holds is not False for figure in figures) else 1)


async def _measure(systems: Sequence[tuple[Running, tuple[int, int]]], console: Console) -> list[list[Cost]]:
    async with AsyncExitStack() as stack:
        stands = []
        for running, (people, results) in systems:
            length: Length = replace(QUICK, people=people)
            stand = await stack.enter_async_context(standing(running, length, console))
            await _fill(stand, results - people)
            await stand.system.database.execute("VACUUM ANALYZE")
            stands.append(stand)
        costs: list[list[Cost]] = [[] for _ in stands]
        for number in range(RUNS + 1):
            for kept, stand in zip(costs, stands, strict=True):
                cost = await _cost(stand)
                if number:
                    kept.append(cost)
            console.print(f"run {number}: " + ", ".join(f"{each[-1:]}" for each in costs))
        return costs


async def _fill(stand: Stand, results: int) -> None:
    """Post the rest of the results, some at a time: bodies are made beforehand and take memory."""
    while results > 0:
        some = min(results, 1_000_000, stand.length.people)
        await burst(
            stand.system,
            stand.bodies(some // ROWS, "fill"),
            seconds=float("inf"),
            most_ahead=stand.length.people // 2,
        )
        results -= some


async def _cost(stand: Stand) -> Cost:
    database = stand.system.database
    await database.execute("CHECKPOINT")
    bodies = stand.bodies(MEASURED // ROWS, "cost")
    wal, blocks = await database.fetchval(WAL), await database.fetchval(BLOCKS)
    one = await burst(stand.system, bodies, seconds=float("inf"), most_ahead=stand.length.people // 2)
    return Cost(
        cpu=1000 * one.cpu_per_1000,
        wal=float(await database.fetchval(WAL) - wal) / one.rows,
        blocks=float(await database.fetchval(BLOCKS) - blocks) / one.rows,
    )


def _figures(small: Sequence[Cost], large: Sequence[Cost]) -> list[Figure]:
    units = {"cpu": ("processor time", "ms per 1,000"), "wal": ("WAL", "bytes"), "blocks": ("blocks", "each")}
    return [
        against(
            f"growth: {name} of a result",
            [getattr(each, field) for each in large],
            [getattr(each, field) for each in small],
            unit=unit,
            at_most=MOST_GROWTH if field == "cpu" else None,
        )
        for field, (name, unit) in units.items()
    ]


if __name__ == "__main__":
    main()
