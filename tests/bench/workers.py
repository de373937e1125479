"""`python -m tests.bench.workers`: does throughput keep up with 2 and 4 processes of each API and worker?

Each number has a system of its own; what is compared is the ratio to the bare limit of its own run.
"""

import os
import statistics
import sys
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from tests.bench import intake
from tests.bench.figures import Figure, against, print_figures, write_figures
from tests.bench.intake import Run
from tests.bench.running import Running, running_system
from tests.bench.stand import FULL, QUICK, Length, is_quick, standing

NOISE: Final = 0.85


def main() -> None:
    """Measure; the exit code says whether no number of processes lowers the throughput."""
    length = QUICK if is_quick() else FULL
    console = Console(width=None if sys.stdout.isatty() else 130)
    ratios: dict[int, list[float]] = {}
    for processes in (int(each) for each in (os.environ.get("WORKERS") or "1,2,4").split(",")):
        console.print(f"{processes} of each process …")
        with running_system(processes) as running:
            runs = uvloop.run(_measure(running, length, console))
        ratios[processes] = [run.system.rate / run.bare.rate for run in runs]
    figures = _figures(ratios)
    print_figures(console, figures, title="throughput to the bare limit by number of processes")
    path = Path(os.environ.get("DATA_DIR") or ".run") / "bench-workers.json"
    write_figures(path, figures, {"quick": is_quick(), "people": length.people})
    sys.exit(0 if all(figure.holds is not False for figure in figures) else 1)


async def _measure(running: Running, length: Length, console: Console) -> list[Run]:
    async with standing(running, length, console) as stand:
        return await intake.interleaved(stand)


def _figures(ratios: dict[int, list[float]]) -> list[Figure]:
    """Return a line for each number; its limit is the fewest processes' median."""
    fewest = min(ratios)
    base = statistics.median(ratios[fewest])
    return [
        against(
            f"{processes} of each API and worker",
            values,
            [base] * len(values),
            unit="of the limit",
            at_least=None if processes == fewest else NOISE,
        )
        for processes, values in ratios.items()
    ]


if __name__ == "__main__":
    main()
