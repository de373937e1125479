"""`make bench`: measure, print the table, write `.run/bench.json`. `QUICK=1` is shorter."""

import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from tests.bench import checking, forms, intake, pulls, reminders, sheets, waiting
from tests.bench.figures import Figure, print_figures, waits, write_figures
from tests.bench.people import CATEGORY
from tests.bench.posting import settled
from tests.bench.running import Running, running_system
from tests.bench.stand import FULL, QUICK, Length, Stand, is_quick, standing


def main() -> None:
    """Measure; the exit code says whether everything that is asked for holds."""
    length = QUICK if is_quick() else FULL
    path = Path(os.environ.get("DATA_DIR") or ".run") / "bench.json"
    console = Console(width=None if sys.stdout.isatty() else 130)
    figures = checking.figures(length.runs) if _wanted("checks") else []
    versions: dict[str, str] = {}
    with running_system() as running:
        if _wanted("intake") or _wanted("reads"):
            more, versions = uvloop.run(_measure(running, length, console))
            figures += more
        if _wanted("sheets"):
            figures += uvloop.run(sheets.figures(running, console, quick=is_quick(), runs=length.runs))
        if _wanted("forms"):
            figures += uvloop.run(forms.figures(running, console, quick=is_quick(), runs=length.runs))
        if _wanted("reminders"):
            figures += uvloop.run(reminders.figures(running, console, quick=is_quick(), runs=length.runs))
    print_figures(console, figures, title="make bench QUICK=1" if is_quick() else "make bench")
    write_figures(path, figures, {"quick": is_quick(), "people": length.people, **versions})
    console.print(f"written to {path}")
    sys.exit(0 if all(figure.holds is not False for figure in figures) else 1)


async def _measure(running: Running, length: Length, console: Console) -> tuple[list[Figure], dict[str, str]]:
    figures: list[Figure] = []
    async with standing(running, length, console) as stand:
        versions = {"postgresql": await stand.system.database.fetchval("SHOW server_version")}
        if _wanted("intake"):
            runs = await intake.interleaved(stand)
            figures += intake.figures(runs)
            sustained = statistics.median(run.system.rate for run in runs)
            figures += await _waiting(stand, sustained)
        if _wanted("reads"):
            console.print("reads …")
            figures += await pulls.figures(stand)
        return figures, versions


def _wanted(part: str) -> bool:
    """Say whether a part is measured: all of them, or what PART names."""
    return os.environ.get("PART", part) in ("", part)


async def _waiting(stand: Stand, sustained: float) -> Sequence[Figure]:
    stand.console.print("waiting times …")
    length, system = stand.length, stand.system
    feed = await waiting.to_the_feed(
        system, stand.platform, stand.rows, rate=sustained / 2, seconds=length.waiting_seconds
    )
    await settled(system)
    unit = await system.database.fetchval(
        "SELECT min(unit_code) FROM registry.unit WHERE department_code IS NOT NULL"
    )
    count = length.positives + length.behind
    codes = await waiting.register_positives(stand.registry, unit, CATEGORY, count)
    await settled(system)
    idle = await waiting.to_the_channel(system, codes[: length.positives], tag="idle")
    behind, left = await waiting.behind_negatives(
        system, stand.rows, codes[length.positives :], queued=length.queued
    )
    stand.console.print(f"  {len(behind)} positives behind {length.queued:,} to {left:,} queued negatives")
    return [
        *waits("answered to visible at half that rate", feed, p50=150, p99=500),
        *waits("positive to its channel, idle", idle, p50=150, p99=500),
        *waits(f"positive behind {length.queued:,} negatives", behind, p99=1000),
    ]


if __name__ == "__main__":
    main()
