"""`make chaos`: break the system, print what it came to, write `.run/chaos.json`.

SEED replays a run; HOURS keeps breaking for so long; ONLY="fault, fault" and POINTS=n do less.
"""

import asyncio
import os
import resource
import secrets
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.chaos.figures import print_all, write
from tests.chaos.run import KILLS, OUTSIDE, Dose, run

FLOOR: Final = Path(__file__).with_name("points.txt")


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
    problems = result.problems
    whole = dose.points is None and dose.only is None
    if whole and result.told["kills"] < KILLS:
        problems.append(f"{result.told['kills']} kills; {KILLS} are asked for")
    if whole and result.told["outside_kills"] < OUTSIDE:
        problems.append(f"{result.told['outside_kills']} kills from outside; {OUTSIDE} are asked for")
    if whole and result.told["crash_points"] < floor():
        problems.append(f"{result.told['crash_points']} crash points; {FLOOR.name} holds {floor()}")
    result.told["seconds"] = round(time.monotonic() - began, 1)
    result.told["cpu_seconds"] = round(_cpu_seconds(), 1)
    print_all(console, result.told, result.figures, result.scene)
    write(path, result.told, result.figures, result.outages)
    for finding in result.findings[:20]:
        console.print(f"[red]{finding.invariant} {finding.kind}: {finding.what}[/red]")
    for problem in problems:
        console.print(problem, style="red", markup=False)
    console.print(f"written to {path}; SEED={seed} replays it")
    sys.exit(0 if result.holds else 1)


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


def _cpu_seconds() -> float:
    """Return the processor time of everything: ours, the services' and the servers'."""
    every = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in every)


def floor() -> int:
    """Return how many crash points a run must reach: the last line that is no comment."""
    lines = [line for line in FLOOR.read_text().splitlines() if line and not line.startswith("#")]
    return int(lines[-1].split()[0])


if __name__ == "__main__":
    main()
