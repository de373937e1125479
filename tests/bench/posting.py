"""Four laboratories that post at once, and the moment at which all of it is visible in the feed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import msgspec

from deploy.demo.client import Api
from tests.bench import cpu, wire

ROWS: Final = 5_000
LABS: Final = ("LAB01", "LAB02", "LAB03", "LAB04")
ACCEPTED: Final = 202
HEAD: Final = "SELECT seq FROM registry.feed_head"
BUSY: Final = """
    SELECT EXISTS (SELECT FROM registry.feed_pending)
        OR EXISTS (SELECT FROM bus.delivery d JOIN bus.message m USING (message_id)
                   WHERE d.state NOT IN ('done', 'dropped')
                   AND m.name IN ('batch.part_received', 'negatives.applied', 'results.applied'))
"""
LOOK_SECONDS: Final = 0.02
LONGEST_DRAIN: Final = 600.0


@dataclass(slots=True)
class Lab:
    """A laboratory: its account and one connection that stays open."""

    api: Api
    line: wire.Line

    async def post(self, body: bytes) -> dict[str, Any]:
        """Post bytes that were made beforehand; return the receipt."""
        token = await self.api.valid_token()
        head = wire.request("POST", "/v1/batches", token=token, length=len(body))
        answer = await self.line.send(head, body)
        if answer.status != ACCEPTED:
            message = f"a batch was answered with {answer.status}: {answer.body[:300]!r}"
            raise RuntimeError(message)
        receipt: dict[str, Any] = msgspec.json.decode(answer.body)
        if receipt["rejected"] or receipt["duplicates"]:
            message = f"not every row was accepted: {receipt['errors'][:3]}"
            raise RuntimeError(message)
        return receipt


def lab_of(api: Api) -> Lab:
    """Return a laboratory with a connection of its own."""
    return Lab(api, wire.line_to(api.base_url))


@dataclass(frozen=True, slots=True)
class Burst:
    """What one run carried: rows, seconds from the first POST to all visible, POST times, processor time."""

    rows: int
    seconds: float
    accepting: float
    posts: Sequence[float]
    used: Mapping[str, float]
    generator: float

    @property
    def rate(self) -> float:
        """Results per second from POST to visible in the feed."""
        return self.rows / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        """Processor seconds per 1,000 results: all processes of the system, PostgreSQL and Redis."""
        return cpu.of_the_system(self.used) / self.rows * 1000

    @property
    def generator_per_1000(self) -> float:
        """The same of the load generator and its own connection to the database."""
        return (self.generator + self.used.get(cpu.OWN, 0.0)) / self.rows * 1000


@dataclass(frozen=True, slots=True)
class System:
    """What a burst needs of the running system: `root` is the process above all of it."""

    root: int
    database: asyncpg.Connection
    owner: str
    labs: Mapping[str, Lab]
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def seq(self) -> int:
        """Return the feed's newest number."""
        async with self.one_at_a_time:
            newest: int = await self.database.fetchval(HEAD)
        return newest

    async def busy(self) -> bool:
        """Say whether results are still under way."""
        async with self.one_at_a_time:
            return bool(await self.database.fetchval(BUSY))


async def burst(system: System, bodies: Sequence[bytes], *, seconds: float, most_ahead: int) -> Burst:
    """Post for `seconds` from four laboratories at once and wait until everything shows.

    Nobody posts while more than `most_ahead` rows are not visible yet: a person in two unseen rows
    would change once where two changes are counted.
    """
    queue = iter(bodies)
    before = await system.seq()
    times: list[float] = []
    sent = 0
    used = cpu.read(system.root, owner=system.owner)
    own = time.process_time()
    started = time.perf_counter()

    async def work(lab: Lab) -> None:
        nonlocal sent
        for body in queue:
            while sent - (await system.seq() - before) > most_ahead:
                await asyncio.sleep(LOOK_SECONDS)
            sent += ROWS
            began = time.perf_counter()
            await lab.post(body)
            times.append(time.perf_counter() - began)
            if time.perf_counter() - started > seconds:
                break

    await asyncio.gather(*(work(system.labs[lab]) for lab in LABS))
    accepting = time.perf_counter() - started
    await visible(system, before + sent)
    return Burst(
        rows=sent,
        seconds=time.perf_counter() - started,
        accepting=accepting,
        posts=sorted(times),
        used=cpu.difference(used, cpu.read(system.root, owner=system.owner)),
        generator=time.process_time() - own,
    )


async def visible(system: System, seq: int) -> None:
    """Wait until the feed has come to a number; RuntimeError where nothing is under way any more."""
    until = time.monotonic() + LONGEST_DRAIN
    look_again = time.monotonic() + 1
    while await system.seq() < seq:
        await asyncio.sleep(LOOK_SECONDS)
        if time.monotonic() > look_again:
            look_again = time.monotonic() + 1
            if (not await system.busy() and await system.seq() < seq) or time.monotonic() > until:
                message = f"the feed ends {seq - await system.seq()} changes before what was posted"
                raise RuntimeError(message)


async def settled(system: System) -> None:
    """Wait until nothing is under way."""
    until = time.monotonic() + LONGEST_DRAIN
    while await system.busy():
        if time.monotonic() > until:
            message = f"not all results were visible after {LONGEST_DRAIN:.0f} s"
            raise RuntimeError(message)
        await asyncio.sleep(0.1)
