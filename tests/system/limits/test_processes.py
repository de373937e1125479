"""One allowance for all processes of a service, and a floor where it cannot be read."""

import asyncpg
import pytest

from shared.db import Database
from shared.errors import Problem
from shared.limits import limiter as limits
from shared.limits.limiter import Limiter
from shared.security.principal import Principal
from tests.support.system import System
from tests.system.limits.support import Hand

LAB = Principal("lab-x", "lab", "system", frozenset({"results:write"}), lab_code="LAB01")


def two_processes(system: System, hand: Hand, rate: tuple[float, float]) -> list[Limiter]:
    """Two processes of a service, as far as limits go: each with memory and connections of its own."""
    db = system.context("results-ingest").db
    changed = {"laboratory": {"requests": rate}}
    return [Limiter("results-ingest", db, changed=changed, clock=hand) for _ in range(2)]


async def passes(limiter: Limiter) -> bool:
    try:
        account, _ = await limiter.enter(LAB, ("requests",))
    except Problem:
        return False
    account.in_flight -= 1
    return True


async def test_two_processes_share_one_allowance_within_the_slack(system: System) -> None:
    hand = Hand()
    burst, per_second, seconds = 100, 10, 60
    pair = two_processes(system, hand, (per_second, burst))
    passed = 0
    for _ in range(seconds):
        for limiter in pair:  # each is asked far more than both may together
            passed += sum([await passes(limiter) for _ in range(50)])
            await limiter.settle()
        hand.now += 1
    allowed = burst + per_second * seconds
    assert allowed * 0.8 <= passed <= allowed + burst, (
        "one burst more per further process, and it is paid back"
    )


async def test_what_one_process_has_used_the_next_one_lacks(system: System) -> None:
    hand = Hand()
    first, second = two_processes(system, hand, (0.001, 20))
    assert sum([await passes(first) for _ in range(15)]) == 15
    await first.settle()
    assert sum([await passes(second) for _ in range(15)]) == 5


async def test_a_request_costs_no_sql(system: System) -> None:
    hand = Hand()
    limiter, _ = two_processes(system, hand, (1, 1_000))
    await passes(limiter)
    limiter.db = None  # type: ignore[assignment] # nothing is asked of it any more
    assert all([await passes(limiter) for _ in range(100)])


async def test_without_postgresql_a_process_falls_to_the_floor() -> None:
    hand = Hand()
    dead = Database("postgresql://nobody:x@127.0.0.1:1/none", name="dead", pool_size=1)
    limiter = Limiter("results-ingest", dead, changed={"laboratory": {"requests": (10.0, 100.0)}}, clock=hand)
    assert sum([await passes(limiter) for _ in range(100)]) == 100 * limits.FLOOR
    hand.now += limits.STALE_SECONDS + 10
    passed = sum([await passes(limiter) for _ in range(100)])
    assert passed == pytest.approx((limits.STALE_SECONDS + 10) * 10 * limits.FLOOR, abs=1)
    await dead.close()


async def test_a_day_without_use_is_forgotten(system: System) -> None:
    hand = Hand()
    first, second = two_processes(system, hand, (1, 20))
    await passes(first)
    await first.settle()
    connection: asyncpg.Connection = system.owner
    count = "SELECT count(*) FROM bus.allowance WHERE bucket = 'lab-x/laboratory'"
    assert await connection.fetchval(count) == 3
    hand.now += 2 * 86_400
    await second.settle()
    assert await connection.fetchval(count) == 0
