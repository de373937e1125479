"""What a fault is handed: the stand, the driver, what it may ask the database, and where figures go."""

import asyncio
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import asyncpg

from tests.chaos.driver import BEHIND, LABS, Driver
from tests.chaos.stand import Stand

PATIENCE: Final = 90.0
BACK_PATIENCE: Final = 30.0
CALM_SECONDS: Final = 20.0
MEND_SECONDS: Final = 90.0
WAITING: Final = """
    SELECT count(*) FROM bus.delivery
    WHERE state IN ('pending', 'claimed') AND NOT message_id = ANY($1::uuid[])
"""


@dataclass
class Scene:
    """One run. `figures` are samples by name, in seconds; `not_run` says what could not be done here."""

    stand: Stand
    driver: Driver
    rng: random.Random
    say: Callable[[str], None]
    long: bool = False
    faults: Counter[str] = field(default_factory=Counter)
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    outages: list["Outage"] = field(default_factory=list)
    poison: list[UUID] = field(default_factory=list)
    not_run: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    async def rows(self, statement: str, *values: Any) -> list[Any]:
        """Return what the owner is answered, asked until there is an answer."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                connection = await self.stand.owner()
                try:
                    return list(await connection.fetch(statement, *values, timeout=20))
                finally:
                    with suppress(Exception):
                        await connection.close(timeout=2)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(0.1)

    async def value(self, statement: str, *values: Any) -> Any:
        """Return the first column of the first row."""
        rows = await self.rows(statement, *values)
        return rows[0][0] if rows else None

    async def work_goes_on(self, name: str, *, since: float) -> None:
        """Measure how long after `since` (monotonic) a laboratory's batch is taken again."""
        async with asyncio.timeout(BACK_PATIENCE):
            await self.driver.sent(self.driver.traffic.step(self.rng.choice(LABS)))
        self.figures[name].append(time.monotonic() - since)

    async def watch(self) -> None:
        """Keep the driver's knowledge of what waits, for ever; the caller cancels."""
        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                self.driver.waiting = await self.value(WAITING, self.poison)
            await asyncio.sleep(0.5)

    async def calm(self) -> None:
        """Wait, for a while at most, until little waits: otherwise a backlog would be measured."""
        until = time.monotonic() + CALM_SECONDS
        while self.driver.waiting >= BEHIND and time.monotonic() < until:
            await asyncio.sleep(0.1)

    async def mended(self, problem: str, *, late: bool) -> None:
        """Keep what went wrong or took too long, and put everything that a fault may have left back in order."""
        (self.late if late else self.problems).append(problem)
        self.say(problem)
        try:
            async with asyncio.timeout(MEND_SECONDS):
                await self.stand.mend()
        except Exception as error:  # noqa: BLE001 - told, and the comparison is made all the same
            self.problems.append(f"could not be mended: {type(error).__name__} {error}")

    async def pause(self, seconds: float) -> None:
        """Let the system work for a while."""
        await asyncio.sleep(seconds)


@dataclass
class Outage:
    """What laboratories were answered while the database was away."""

    what: str
    statuses: Counter[int]
    slowest: float


class Listening:
    """Notes what laboratories are answered to requests that begin inside the block."""

    def __init__(self, scene: Scene, what: str) -> None:
        self._scene, self._what = scene, what
        self._clients = [scene.driver.clients[lab] for lab in LABS]

    async def __aenter__(self) -> None:
        self._began = time.monotonic()
        for client in self._clients:
            client.heard.clear()
            client.listening = True

    async def __aexit__(self, *_: object) -> None:
        heard = []
        for client in self._clients:
            client.listening = False
            heard += [each for each in client.heard if each.at - each.seconds >= self._began]
        statuses = Counter(each.status for each in heard)
        slowest = max((each.seconds for each in heard), default=0.0)
        self._scene.outages.append(Outage(self._what, statuses, slowest))


def p99(samples: Sequence[float]) -> float:
    """Return the 99th percentile of what was measured, by nearest rank: of a few, the longest."""
    ordered = sorted(samples)
    return ordered[math.ceil(0.99 * len(ordered)) - 1] if ordered else math.nan
