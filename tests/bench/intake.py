"""Results from POST to visible in the feed, beside the bare limit of the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench import cpu, limit
from tests.bench.figures import Figure, against, measured, waits
from tests.bench.limit import Bare
from tests.bench.posting import ROWS, Burst, burst
from tests.bench.stand import FASTEST, Stand

REACH: Final = 0.7
MOST_CPU: Final = 2.0
MOST_MEMORY: Final = 1.5


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the system, and the better of the limit's one and two connections."""

    system: Burst
    bare: Bare
    memory: tuple[int, int]


async def interleaved(stand: Stand) -> list[Run]:
    """Run the limit and the system in turn: only what ran side by side can be compared."""
    runs: list[Run] = []
    guess = FASTEST
    for number in range(stand.length.runs):
        bare = await _bare(stand)
        bodies = stand.bodies(max(8, int(guess * stand.length.seconds / ROWS)), f"run{number}")
        one = await burst(
            stand.system, bodies, seconds=stand.length.seconds, most_ahead=stand.length.people // 2
        )
        runs.append(Run(one, bare, cpu.memory_of(stand.system.root)))
        guess = 1.5 * one.rows / one.accepting
        stand.console.print(
            f"run {number + 1}: limit {bare.rate:,.0f}/s, {1000 * bare.cpu_per_1000:.1f} ms CPU per 1,000; "
            f"system {one.rate:,.0f}/s, {1000 * one.cpu_per_1000:.1f} ms; ratio {one.rate / bare.rate:.2f}"
        )
        stand.console.print("  " + shares(one))
        await stand.system.database.execute("CHECKPOINT")
    return runs


async def _bare(stand: Stand) -> Bare:
    """Return the better of one and two connections."""
    measure = limit.measure
    found = [
        await measure(
            stand.running.owner_url,
            stand.bare,
            root=stand.system.root,
            connections=connections,
            seconds=stand.length.bare_seconds,
            expected=2 * FASTEST,
        )
        for connections in (1, 2)
    ]
    return max(found, key=lambda each: each.rate)


def shares(one: Burst) -> str:
    """Return microseconds of processor time per result, by process."""
    per_result = {name: seconds / one.rows * 1e6 for name, seconds in one.used.items() if name != cpu.OWN}
    told = sorted(per_result.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{name} {value:.1f}" for name, value in told if value >= 0.1) + " µs a result"


def figures(runs: Sequence[Run]) -> list[Figure]:
    """Return the lines of the table."""
    posts = sorted(seconds for run in runs for seconds in run.system.posts)
    generator = sorted(run.system.generator_per_1000 for run in runs)[len(runs) // 2]
    return [
        against(
            "results from POST to visible in the feed",
            [run.system.rate for run in runs],
            [run.bare.rate for run in runs],
            unit="/s",
            at_least=REACH,
        ),
        against(
            "processor time of it, everything counted",
            [1000 * run.system.cpu_per_1000 for run in runs],
            [1000 * run.bare.cpu_per_1000 for run in runs],
            unit="ms per 1,000",
            at_most=MOST_CPU,
        ),
        measured("  the load generator's own", 1000 * generator, unit="ms per 1,000"),
        measured("  accepted meanwhile", max(r.system.rows / r.system.accepting for r in runs), unit="/s"),
        *waits("  POST of 5,000 answered", posts),
        measured(
            "memory of all our processes and Redis under that load (PSS)",
            max(run.memory[0] for run in runs) / 2**30,
            unit="GiB",
            at_most=MOST_MEMORY,
        ),
        measured("  PostgreSQL's, its cache with it", max(run.memory[1] for run in runs) / 2**30, unit="GiB"),
    ]
