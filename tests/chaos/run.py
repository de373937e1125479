"""One run: learn the boundaries, crash at each, break everything else, come to rest, compare."""

import asyncio
import math
import random
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.chaos import invariants, points, stored
from tests.chaos.asking import ask_all
from tests.chaos.driver import BEHIND, FAR_BEHIND, USUAL_PACE, driving
from tests.chaos.faults import BESIDE, FAULTS, Fault, kill_each, redis_absent
from tests.chaos.figures import REACH, Figure, false_answers, figure, kinds, late_answers, to_the_channel
from tests.chaos.invariants import Finding
from tests.chaos.ledger import Ledger
from tests.chaos.outages import OUTAGES
from tests.chaos.planted import DEFECTS, with_defect
from tests.chaos.points import Crashes, Point
from tests.chaos.scene import Outage, Scene
from tests.chaos.settling import settle
from tests.chaos.stand import standing
from tests.chaos.traffic import Traffic

LEARN_SECONDS: Final = 12.0
TICK_SECONDS: Final = 3.0
TICK: Final = "UPDATE bus.schedule SET due_at = clock_timestamp() WHERE due_at > clock_timestamp()"
KILLS: Final = 200
OUTSIDE: Final = 36
# Every wait has an end: what takes longer is told as that fault's failure, and the run goes on.
FAULT_SECONDS: Final = {"network": 120.0, "redis absent": 120.0}
USUAL_SECONDS: Final = 60.0
LONG_SECONDS: Final = 900.0
ASK_SECONDS: Final = 120.0
FAILURES: Final = 20


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of it. `points` None means the seed's slice, or all with `hours`; `only` names the faults.

    `crash_seconds` bounds the crash points of a run without hours.
    """

    hours: float = 0.0
    points: int | None = None
    rounds: int = OUTSIDE // 6
    only: Sequence[str] | None = None
    pace: float = USUAL_PACE
    learn: float = LEARN_SECONDS
    absent: bool = True
    crash_seconds: float = 150.0


@dataclass
class Result:
    """What a run came to."""

    told: dict[str, Any]
    figures: list[Figure]
    findings: list[Finding]
    problems: list[str]
    scene: Scene
    outages: list[Outage] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Say whether nothing was lost, doubled, misplaced or answered falsely, however long it took."""
        return not self.findings and not self.problems

    @property
    def holds(self) -> bool:
        """Say whether it is sound and everything is within reach."""
        return self.sound and not self.late and all(f.holds is not False for f in self.figures)


async def run(seed: int, dose: Dose, say: Any) -> Result:
    """Carry out a run. The same seed arms the same points and does the same harm in the same order."""
    rng = random.Random(seed)
    ledger = Ledger()
    traffic = Traffic(random.Random(rng.getrandbits(64)), ledger, now=datetime.now(UTC))
    async with standing() as stand:
        say("the system stands; entering the district")
        driver_rng = random.Random(rng.getrandbits(64))
        async with driving(stand, ledger, traffic, driver_rng) as driver:
            driver.pace = dose.pace
            scene = Scene(stand, driver, rng, say, long=dose.hours > 0)
            async with driver.working():
                watching = asyncio.create_task(scene.watch())
                try:
                    return await _broken(seed, dose, scene)
                finally:
                    watching.cancel()


async def _broken(seed: int, dose: Dose, scene: Scene) -> Result:
    alarms = await _clean(scene, dose.learn)
    learned = points.listed(scene.stand.home / "faults")
    chosen = _chosen(learned, seed, dose, scene.rng)
    scene.say(f"{len(learned)} crash points are known; crashing at {len(chosen)}")
    scene.driver.go()
    queues = points.shuffled(chosen, scene.rng)
    folder = scene.stand.home / "faults"
    until = math.inf if dose.hours else time.monotonic() + dose.crash_seconds
    ticking = asyncio.create_task(_tick(scene))
    beside = asyncio.create_task(_harm(scene, dose, BESIDE))
    scene.driver.behind = FAR_BEHIND
    crash_rng = random.Random(scene.rng.getrandbits(64))
    crashes = await points.crash_all(scene.stand.processes, folder, queues, crash_rng, scene.say, until=until)
    scene.driver.behind = BEHIND
    ticking.cancel()
    await beside
    scene.say(
        f"{len(crashes.fired)} fired, {len(crashes.missed)} were not reached, {len(crashes.untried)} not tried"
    )
    until = time.monotonic() + dose.hours * 3600
    while True:
        await _harm(scene, dose, _every(dose))
        if time.monotonic() >= until:
            break
    return await _compared(seed, scene, len(learned), crashes, alarms)


def _chosen(learned: list[Point], seed: int, dose: Dose, rng: random.Random) -> list[Point]:
    if dose.points is not None:
        return rng.sample(learned, min(dose.points, len(learned)))
    return learned if dose.hours else points.sliced(learned, seed)


async def _tick(scene: Scene) -> None:
    """Let every schedule be due again and again: some come round only every ten minutes."""
    while True:
        with suppress(Exception):
            await scene.rows(TICK)
        await asyncio.sleep(TICK_SECONDS)


async def _clean(scene: Scene, seconds: float) -> list[Finding]:
    """Let everything work unharmed, and see that the checker finds nothing."""
    scene.say("working unharmed, to learn the boundaries and to try the checker")
    # Started anew: entering the district is not the path, a process's start is.
    for path in (scene.stand.home / "faults").glob("*.points"):
        path.unlink()
    await scene.stand.processes.restart()
    await scene.pause(seconds)
    owner = await scene.stand.owner()
    try:
        try:
            await settle(scene.driver, owner)
        except TimeoutError:
            scene.problems.append("the unharmed system did not come to rest")
        taken = dict(scene.stand.provider.taken)
        found = await stored.read(owner)
    finally:
        await owner.close()
    return invariants.check(scene.driver.ledger, found, taken, excused=0)


def _every(dose: Dose) -> Mapping[str, Fault]:
    """Return what is done one after the other once the crash points are over; all of it in a long run."""
    again = BESIDE if dose.hours else {}
    return {**FAULTS, **OUTAGES, **again} | ({"redis absent": redis_absent} if dose.absent else {})


async def _harm(scene: Scene, dose: Dose, every: Mapping[str, Fault]) -> None:
    """Do each of these once, rounds of kills between them, in an order that the seed decides."""
    beside = every is BESIDE
    faults = [(name, fault) for name, fault in every.items() if dose.only is None or name in dose.only]
    faults += [] if beside else [("kill each", kill_each)] * dose.rounds
    scene.rng.shuffle(faults)
    for name, fault in faults:
        if not beside:
            await scene.calm()
        began = time.monotonic()
        try:
            async with asyncio.timeout(_bound(name, dose)):
                await fault(scene)
            if fault is not kill_each and name not in scene.not_run:
                scene.faults[name] += 1
        except Exception as error:  # noqa: BLE001 - a fault that cannot be done must not end the run
            took = time.monotonic() - began
            failed = f"{name} failed after {took:.1f} s: {type(error).__name__} {error}"
            await scene.mended(failed, late=isinstance(error, TimeoutError))
        scene.say(f"{name}: {time.monotonic() - began:.1f} s")
        await scene.pause(scene.rng.uniform(0.2, 0.8))


def _bound(name: str, dose: Dose) -> float:
    return LONG_SECONDS if dose.hours else FAULT_SECONDS.get(name, USUAL_SECONDS)


async def _compared(seed: int, scene: Scene, known: int, crashes: Crashes, alarms: list[Finding]) -> Result:
    scene.say("coming to rest")
    owner = await scene.stand.owner()
    try:
        try:
            rest = await settle(scene.driver, owner, poison=scene.poison)
        except TimeoutError:
            rest = -1.0
            scene.problems.append("the system did not come to rest")
        scene.say(f"at rest after {rest:.1f} s; comparing")
        # Before what is stored: an alert may be sent again at any time.
        taken = dict(scene.stand.provider.taken)
        found = await stored.read(owner, poison=scene.poison)
        ledger = scene.driver.ledger
        findings = invariants.check(ledger, found, taken, excused=sys.maxsize)
        caught = await _planted(owner, scene, findings, taken)
        await _asked(scene, owner, findings)
        channel = await to_the_channel(scene, owner)
    finally:
        await owner.close()
    if len(caught) < len(DEFECTS):
        scene.problems.append(f"not found by the checker: {sorted(DEFECTS.keys() - caught)}")
    if alarms:
        scene.problems.append(f"{len(alarms)} false alarms on a clean run: {alarms[:3]}")
    scene.problems += false_answers(scene.outages)
    scene.problems += [f"answered {what} ×{count}" for what, count in ledger.bad_answers.items()]
    figures = _figures(scene, channel)
    return Result(
        _told(seed, scene, known, crashes, findings, caught, alarms, rest), figures, findings, scene.problems, scene,
        scene.outages, scene.late + late_answers(scene.outages),
    )  # fmt: skip


async def _asked(scene: Scene, owner: asyncpg.Connection, findings: list[Finding]) -> None:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await ask_all(scene.driver, owner, findings)
    except (TimeoutError, OSError, asyncpg.PostgresError) as error:
        scene.problems.append(f"not everything could be asked in the end: {type(error).__name__} {error}")


async def _planted(
    owner: asyncpg.Connection, scene: Scene, known: list[Finding], taken: Mapping[str, int]
) -> set[str]:
    """Return the defects that the checker finds, beyond what it found without them."""
    caught = set()
    for name, statements in DEFECTS.items():
        try:
            changed = await with_defect(owner, statements, poison=scene.poison)
        except (RuntimeError, asyncpg.PostgresError) as error:
            scene.problems.append(f"{name} could not be planted: {error}")
            continue
        found = invariants.check(scene.driver.ledger, changed, taken, excused=sys.maxsize)
        if set(found) - set(known):
            caught.add(name)
    return caught


def _figures(scene: Scene, channel: dict[str, list[float]]) -> list[Figure]:
    measured = {
        **scene.figures,
        "positive acknowledged → its channel, all through": channel["all through"],
        "positive acknowledged → its channel, without Redis": channel["without Redis"],
    }
    return [figure(name, measured[name]) for name in sorted(measured) if measured[name] or name in REACH]


def _told(
    seed: int,
    scene: Scene,
    known: int,
    crashes: Crashes,
    findings: list[Finding],
    caught: set[str],
    alarms: list[Finding],
    rest: float,
) -> dict[str, Any]:
    """Return what `.run/chaos.json` says."""
    processes, ledger, found = scene.stand.processes, scene.driver.ledger, kinds(findings)
    acknowledged = list(ledger.acknowledged())
    return {
        "seed": seed,
        "kills": sum(processes.kills.values()),
        "faults": dict(scene.faults) | {"crash point": len(crashes.fired)},
        "known_points": known,
        "crash_points": len(crashes.fired),
        "untried_points": len(crashes.untried),
        "lost": found["lost"],
        "doubled": found["doubled"],
        "misplaced": found["misplaced"],
        "planted": len(DEFECTS),
        "caught": len(caught),
        "false_alarms": len(alarms),
        "other_findings": found["other"],
        "missed_points": [_name(point) for point in crashes.missed],
        "kills_by_process": dict(processes.kills),
        "outside_kills": sum(n for kind, n in scene.faults.items() if kind.startswith("kill ")),
        "batches": len(acknowledged),
        "rows": sum(len(batch.rows) for batch in acknowledged),
        "posts": scene.driver.posted,
        "answers": {str(status): count for status, count in sorted(ledger.answers.items())},
        "broken_off": ledger.broken,
        "handed_over": len(scene.stand.provider.taken),
        "handed_over_again": sum(n - 1 for n in scene.stand.provider.taken.values()),
        "seconds_to_rest": round(rest, 1),
        "not_run": scene.not_run,
        "problems": scene.problems,
        "failures": _failures(scene.stand.home / "logs"),
        "findings": [f"{f.invariant} {f.kind}: {f.what}" for f in findings[:50]],
    }


def _failures(logs: Path) -> list[str]:
    """Return the log lines of requests that failed by a fault of ours; they hold nothing personal (I10)."""
    lines = [line for path in sorted(logs.glob("*.log")) for line in path.read_text().splitlines()]
    return [line for line in lines if '"request_failed"' in line][:FAILURES]


def _name(point: Point) -> str:
    return f"{point.process}: {point.boundary} ({point.moment})"
