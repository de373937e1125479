"""`make chaos`: break the system, print what it came to, write `.run/chaos.json`.

SEED replays a run and says which slice of the crash points it takes; HOURS takes all of them and keeps
breaking for so long; ONLY="fault, fault", ROUNDS=n (of kills from outside) and POINTS=n do less.
TIMES=shown prints how long things took and how much there was time for, and judges the rest alone: a
machine with other work is slow, and loses nothing for it.
"""

import asyncio
import math
import os
import resource
import secrets
import sys
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from tests.chaos.figures import print_all, write
from tests.chaos.run import KILLS, OUTSIDE, Dose, run

FLOOR: Final = Path(__file__).with_name("points.txt")
REACHED: Final = 0.9
"""Which share of its crash points a run must reach: some lie where little passes, and time is bounded."""


def main() -> None:
    """Run; the exit code says whether everything held."""
    given = os.environ
    seed = int(given.get("SEED") or secrets.randbelow(1_000_000))
    console = Console(width=None if sys.stdout.isatty() else 140)
    began = time.monotonic()

    def say(what: str) -> None:
        console.print(f"[{time.monotonic() - began:6.1f} s] {what}", markup=False, highlight=False)

    say(f"make chaos SEED={seed}")
    dose = _dose()
    result = asyncio.run(run(seed, dose, say))
    path = Path(given.get("DATA_DIR") or ".run") / "chaos.json"
    if dose.points is None and dose.only is None:
        result.late += shortfalls(result.told)
    result.told["seconds"] = round(time.monotonic() - began, 1)
    result.told["cpu_seconds"] = round(_cpu_seconds(), 1)
    print_all(console, result.told, result.figures, result.scene)
    write(path, result.told, result.figures, result.outages)
    for finding in result.findings[:20]:
        console.print(f"[red]{finding.invariant} {finding.kind}: {finding.what}[/red]")
    for problem in result.problems:
        console.print(problem, style="red", markup=False)
    for problem in result.late:
        console.print(problem, style="yellow", markup=False)
    console.print(f"written to {path}; SEED={seed} replays it")
    sys.exit(0 if (result.sound if given.get("TIMES") == "shown" else result.holds) else 1)


def _dose() -> Dose:
    given = os.environ
    only = [each.strip() for each in given["ONLY"].split(",")] if given.get("ONLY") else None
    limit = int(given["POINTS"]) if given.get("POINTS") else None
    return Dose(
        hours=float(given.get("HOURS") or 0),
        points=limit,
        rounds=int(given.get("ROUNDS") or OUTSIDE // 6),
        only=only,
        absent=only is None or "redis absent" in only,
    )


def shortfalls(told: dict[str, Any]) -> list[str]:
    """Return what a whole run has not come up to."""
    wanted = told["crash_points"] + len(told["missed_points"]) + told["untried_points"]
    least = {
        "kills": KILLS,
        "outside_kills": OUTSIDE,
        "known_points": floor(),
        "crash_points": math.ceil(REACHED * wanted),
    }
    return [f"{name}: {told[name]}, at least {number} are asked for" for name, number in least.items()
            if told[name] < number]  # fmt: skip


def _cpu_seconds() -> float:
    """Return the processor time of everything: ours, the services' and the servers'."""
    every = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in every)


def floor() -> int:
    """Return how many crash points a run must come to know: the last line that is no comment."""
    lines = [line for line in FLOOR.read_text().splitlines() if line and not line.startswith("#")]
    return int(lines[-1].split()[0])


if __name__ == "__main__":
    main()
