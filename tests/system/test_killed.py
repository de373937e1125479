"""Workers killed in the middle of a job and a Redis that is emptied, paused or gone change nothing.

Real worker processes, SIGKILL and SIGSTOP; the run must end with the statuses and notices of an
undisturbed one, without a person doing anything.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from tests.support.forked import Forked
from tests.support.servers import Address, Clones
from tests.support.system import PACKAGES, running_system
from tests.support.waiting import until
from tests.system.people import UNIT, District, ok, person, row, text

PEOPLE: Final = 3000
NOW: Final = datetime.fromisoformat("2030-03-05T12:00:00+08:00")
TO_CONFIRM: Final = """
    SELECT EXISTS (SELECT FROM notifier.alert WHERE confirm_at IS NOT NULL)
        OR EXISTS (SELECT FROM notifier.task WHERE confirm_at IS NOT NULL)
"""
Outcome = tuple[dict[str, Any], list[tuple[Any, ...]]]
Trouble = Callable[["Workers", Redis], Coroutine[Any, Any, None]]


class Workers:
    """The three worker processes; a killed one is started again, as a supervisor would."""

    def __init__(self, forked: Forked, environment: dict[str, str]) -> None:
        self.forked = forked
        self.environment = environment
        for package in PACKAGES.values():
            forked.start(package, environment)

    def kill(self, package: str) -> None:
        """Kill a worker without warning and start another."""
        self.forked.kill(package)
        self.forked.start(package, self.environment)

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every worker."""
        for package in PACKAGES.values():
            self.forked.send(package, number)


@asynccontextmanager
async def run(
    servers: Address, database: str, redis_url: str, home: Path, forked: Forked
) -> AsyncIterator[tuple[District, Workers]]:
    """Run the apps here and the workers as processes of their own."""
    home.mkdir()
    more = {"redis_url": redis_url, "data_dir": str(home), "queue_prefix": f"{database}:"}
    async with running_system(servers, database, redis_url=redis_url, data_dir=home) as system:
        await system.stop_workers()
        # Before anything is entered: whose contact nobody has confirmed for years is told of, some time.
        await system.set_clock(NOW)
        environment = servers.environment(
            database, **more, log_level="ERROR", bus_lease_seconds="2", confirm_seconds="7"
        )
        try:
            workers = Workers(forked, environment)
            yield await District(system).build(), workers
        finally:
            forked.kill_all()


async def drive(district: District) -> None:
    """Register people and send a day of results: negatives, positives, a pool, late identities."""
    known = range(PEOPLE - 100)
    await district.register(*(person(n, unit_code=UNIT, category_code="8A1") for n in known))
    collected = NOW - timedelta(hours=2)
    pool = {"tube_code": "POOL", "mode": "mixed", "capacity": 10, "subject": "person"}
    members = [{"health_code_id": f"HC-{n:06}"} for n in range(10, 20)]
    await ok(
        district.sampling.post("/v1/tubes", json=pool | {"members": members, "collected_at": text(collected)})
    )
    for start in range(0, PEOPLE, 500):
        rows = [result(n, collected) for n in range(start, start + 500) if not 10 <= n < 20]
        await district.post(*rows, batch_no=f"N-{start}")
        await asyncio.sleep(0.1)
    await district.post(row(NOW - timedelta(hours=1), tube_code="POOL", outcome="positive"), batch_no="P")
    await district.register(
        *(person(n, unit_code=UNIT, category_code="8A1") for n in range(PEOPLE - 100, PEOPLE))
    )


def result(number: int, collected: datetime) -> dict[str, Any]:
    outcome = "positive" if number % 700 == 5 else "negative"
    tested = NOW - timedelta(hours=1)
    return row(tested, outcome=outcome, health_code_id=f"HC-{number:06}", collected_at=text(collected))


async def outcome(district: District) -> Outcome:
    """Return everybody's status and every notice, without what differs from run to run."""
    ids = [f"HC-{number:06}" for number in range(PEOPLE)]
    answer = await ok(district.platform.post("/v1/statuses/query", json={"health_code_ids": ids}))
    assert answer["not_found"] == []
    statuses = {}
    for status in answer["statuses"]:
        for name in ("as_of", "version", "changed_at"):
            del status[name]
        status["last_result"] and status["last_result"].pop("reported_at")
        statuses[status["health_code_id"]] = status
    notices = await district.notices()
    listed = [
        (n["kind"], n["recipient"]["type"], n["recipient"]["code"], n["subject"]["code"]) for n in notices
    ]
    return statuses, sorted(listed)


async def confirmed(district: District) -> None:
    """Wait until every alarm has been addressed once more, which comes by time and without a delivery."""

    async def nothing_left() -> bool:
        return not await district.system.owner.fetchval(TO_CONFIRM)

    await until(nothing_left)


async def nothing(_workers: Workers, _redis: Redis) -> None:
    """Leave the run alone."""


async def kill_workers(workers: Workers, _redis: Redis) -> None:
    """Kill workers at random moments."""
    dice = random.Random(7)
    for _ in range(12):
        await asyncio.sleep(dice.uniform(0.1, 0.6))
        workers.kill(dice.choice(list(PACKAGES.values())))


async def empty_redis(_workers: Workers, redis: Redis) -> None:
    """Empty Redis again and again."""
    for _ in range(30):
        await redis.flushall()
        await asyncio.sleep(0.1)


async def pause_redis(_workers: Workers, redis: Redis) -> None:
    """Stop Redis from answering for a while."""
    process = int((await redis.info("server"))["process_id"])
    os.kill(process, signal.SIGSTOP)
    await asyncio.sleep(8)
    os.kill(process, signal.SIGCONT)


async def kill_redis(_workers: Workers, redis: Redis) -> None:
    """Kill Redis in the middle; it does not come back."""
    process = int((await redis.info("server"))["process_id"])
    await asyncio.sleep(0.5)
    os.kill(process, signal.SIGKILL)


async def pause_workers(workers: Workers, _redis: Redis) -> None:
    """Let workers sleep past their leases and wake up again."""
    await asyncio.sleep(0.7)
    workers.signal_all(signal.SIGSTOP)
    await asyncio.sleep(4)
    workers.signal_all(signal.SIGCONT)


async def end_of(
    trouble: Trouble, servers: Address, clones: Clones, redis_url: str, home: Path, forked: Forked
) -> Outcome:
    """Run everything once, with its trouble, on a database of its own; return how it ends."""
    database = await clones.make()
    redis = Redis.from_url(redis_url)
    try:
        async with run(servers, database, redis_url, home, forked) as (district, workers):
            happens = asyncio.create_task(trouble(workers, redis))
            await drive(district)
            await happens
            await district.system.settle(seconds=60)
            await confirmed(district)
            return await outcome(district)
    finally:
        await redis.aclose()
        await clones.drop(database)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def undisturbed(servers: Address, forked: Forked, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Run without trouble, once: what every other run is compared with."""
    async with Clones(servers, "undisturbed") as clones:
        home = tmp_path_factory.mktemp("undisturbed") / "home"
        return await end_of(nothing, servers, clones, servers.redis_url, home, forked)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("trouble", [kill_workers, empty_redis, pause_redis, kill_redis, pause_workers])
async def test_a_disturbed_run_ends_as_an_undisturbed_one(
    trouble: Trouble, undisturbed: Outcome, servers: Address, clones: Clones, own_redis: str, tmp_path: Path,
    forked: Forked,
) -> None:  # fmt: skip
    statuses, notices = await end_of(trouble, servers, clones, own_redis, tmp_path / "home", forked)

    assert undisturbed[1], "the undisturbed run must have notices to compare with"
    assert statuses == undisturbed[0]
    assert notices == undisturbed[1]
