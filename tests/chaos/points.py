"""Crash points: every boundary that the processes have passed, each one a death of its process.

The processes list their boundaries themselves (shared/faults.py); which moments a boundary has is said
by what it is. One run takes a slice of them, and consecutive seeds take all. A plan is armed, the traffic runs into it, the process is gone, and the next plan is armed.
"""

import asyncio
import hashlib
import json
import math
import random
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.chaos.processes import NAMES, Processes

FIRE_SECONDS: Final = 4.0
START_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.01
SLICES: Final = 5
"""Seeds that follow each other this many times reach every point."""


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One moment at one boundary of one process."""

    process: str
    boundary: str
    moment: str


@dataclass
class Crashes:
    """What became of the points: fired, reached by no traffic, or not come to before the time was over."""

    say: Callable[[str], None]
    fired: list[Point] = field(default_factory=list)
    missed: list[Point] = field(default_factory=list)
    untried: list[Point] = field(default_factory=list)

    def fire(self, point: Point) -> None:
        """Note a death, and tell every hundredth."""
        self.fired.append(point)
        if len(self.fired) % 100 == 0:
            self.say(f"{len(self.fired)} crash points have fired")


def listed(folder: Path) -> list[Point]:
    """Return every moment that a process has passed, in a fixed order."""
    found = set()
    for process in NAMES:
        path = folder / f"{process}.points"
        lines = path.read_text().splitlines() if path.exists() else []
        for line in lines:
            boundary, _, moment = line.partition("\t")
            found.add(Point(process, boundary, moment))
    return sorted(found)


def sliced(points: Iterable[Point], seed: int) -> list[Point]:
    """Return the points of this seed's slice; which slice a point is in depends on nothing but its name."""

    def slice_of(point: Point) -> int:
        name = f"{point.process}\t{point.boundary}\t{point.moment}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % SLICES

    return [point for point in points if slice_of(point) == seed % SLICES]


def shuffled(points: Iterable[Point], rng: random.Random) -> dict[str, list[Point]]:
    """Return each process's points in an order that the seed decides."""
    queues: dict[str, list[Point]] = {name: [] for name in NAMES}
    for point in sorted(points):
        queues[point.process].append(point)
    for name in NAMES:
        rng.shuffle(queues[name])
    return queues


def plan_text(point: Point, skip: int) -> str:
    """Return the plan that a process obeys; `skip` hits go by first."""
    return json.dumps({"point": point.boundary, "moment": point.moment, "skip": skip})


async def crash_all(
    processes: Processes,
    folder: Path,
    queues: Mapping[str, list[Point]],
    rng: random.Random,
    say: Callable[[str], None],
    *,
    until: float = math.inf,
) -> Crashes:
    """Kill each process at each of its points, or begin none after `until` (monotonic).

    The six go through theirs side by side.
    """
    crashes = Crashes(say)
    seeds = {name: rng.getrandbits(32) for name in queues}
    await asyncio.gather(
        *(
            _one_process(processes, folder, points, random.Random(seeds[name]), crashes, until)
            for name, points in queues.items()
        )
    )
    return crashes


async def _one_process(
    processes: Processes, folder: Path, points: list[Point], rng: random.Random, crashes: Crashes,
    until: float,
) -> None:  # fmt: skip
    later = []
    for point in points:
        if time.monotonic() > until:
            crashes.untried.append(point)
        elif await _crash(processes, folder, point, skip=rng.choice((0, 0, 1)), seconds=FIRE_SECONDS):
            crashes.fire(point)
        else:
            later.append(point)
    for point in later:
        # What happens only when a process starts: it is started again, told to stop in good order.
        if time.monotonic() > until:
            crashes.missed.append(point)
        elif await _crash(processes, folder, point, skip=0, seconds=START_SECONDS, restart=True):
            crashes.fire(point)
        else:
            crashes.missed.append(point)


async def _crash(
    processes: Processes, folder: Path, point: Point, *, skip: int, seconds: float, restart: bool = False
) -> bool:
    """Arm a point and wait until it has fired and its process stands again."""
    plan = folder / f"{point.process}.plan"
    pid = processes.pids.get(point.process, 0)
    partial = plan.with_suffix(".partial")
    partial.write_text(plan_text(point, skip))
    partial.replace(plan)
    if restart:
        processes.send(point.process, signal.SIGTERM)
    until = time.monotonic() + seconds
    while plan.exists() and time.monotonic() < until:
        await asyncio.sleep(LOOK_SECONDS)
    if plan.exists():
        plan.unlink(missing_ok=True)
        return False
    await processes.replaced(point.process, pid)
    return True
