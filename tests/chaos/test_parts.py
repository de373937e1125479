"""The harness's own parts: its network, its provider, its seed and its oracle."""

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from tests.chaos import __main__ as command
from tests.chaos.clients import Client
from tests.chaos.driver import LABS, Driver
from tests.chaos.faults import sent_at_once
from tests.chaos.figures import false_answers, figure, late_answers
from tests.chaos.ledger import Ledger, Row, display
from tests.chaos.points import SLICES, Point, listed, plan_text, shuffled, sliced
from tests.chaos.provider import Provider
from tests.chaos.proxy import COMMITTED, Proxy
from tests.chaos.run import Result
from tests.chaos.scene import Outage, Scene, p99
from tests.chaos.traffic import Step, Traffic

NOW = datetime(2030, 3, 5, 12, tzinfo=UTC)


@asynccontextmanager
async def far_end(answer: bytes = b"yes") -> AsyncIterator[int]:
    """Run a server that answers whatever is said to it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(100):
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def ask(port: int, *, seconds: float = 5) -> bytes | None:
    """Return what is answered at a port; None when the connection breaks."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"?")
            answer = await reader.read(100)
            writer.close()
    except (OSError, TimeoutError):
        return None
    return answer or None


async def test_an_open_proxy_carries_both_ways() -> None:
    async with far_end() as port, Proxy(port) as proxy:
        assert await ask(proxy.port) == b"yes"


async def test_a_cut_proxy_breaks_and_a_mended_one_carries_again() -> None:
    async with far_end() as port, Proxy(port) as proxy:
        proxy.cut()
        assert await ask(proxy.port) is None
        proxy.mend()
        assert await ask(proxy.port) == b"yes"


@pytest.mark.parametrize("state", ["stalled", "deaf"])
async def test_a_stalled_proxy_keeps_the_connection_and_answers_when_it_is_mended(state: str) -> None:
    async with far_end() as port, Proxy(port) as proxy:
        proxy.state = state  # type: ignore[assignment] # both are states
        asking = asyncio.create_task(ask(proxy.port))
        done, _ = await asyncio.wait({asking}, timeout=0.2)
        assert not done
        proxy.mend()
        assert await asking == b"yes"


async def test_the_answer_of_a_commit_is_swallowed_and_its_connection_broken() -> None:
    async with far_end(COMMITTED) as port, Proxy(port) as proxy:
        proxy.cut_answers = 1
        assert await ask(proxy.port) is None
        assert proxy.swallowed == 1
        assert await ask(proxy.port) == COMMITTED


async def test_the_provider_remembers_what_it_took_without_answering() -> None:
    async with Provider() as provider, httpx.AsyncClient(trust_env=False) as http:
        url = f"http://127.0.0.1:{provider.port}/messages"
        provider.silent = 1
        with pytest.raises(httpx.TransportError):
            await http.post(url, json={"delivery_id": "d1"})
        assert (await http.post(url, json={"delivery_id": "d1"})).status_code == 200
        assert (provider.taken["d1"], provider.silenced) == (2, 1)


def steps(seed: int) -> list[Step]:
    traffic = Traffic(random.Random(seed), Ledger(), now=NOW)
    return [traffic.step(LABS[number % 2]) for number in range(30)]


def test_the_same_seed_makes_the_same_traffic_and_another_seed_another() -> None:
    assert steps(1) == steps(1)
    assert steps(1) != steps(2)


def test_the_same_seed_arms_the_same_points_in_the_same_order() -> None:
    points = [Point("registry-api", f"sql {number}", "before") for number in range(40)]
    orders = [shuffled(points, random.Random(seed))["registry-api"] for seed in (5, 5, 6)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(points)


def test_points_are_read_as_the_processes_list_them(tmp_path: Path) -> None:
    lines = "sql COMMIT after UPDATE\tbefore\nsql COMMIT after UPDATE\tafter\nredis ZADD\tbefore\n"
    (tmp_path / "notifier-worker.points").write_text(lines + lines)
    found = listed(tmp_path)
    assert [(point.boundary, point.moment) for point in found] == [
        ("redis ZADD", "before"), ("sql COMMIT after UPDATE", "after"), ("sql COMMIT after UPDATE", "before"),
    ]  # fmt: skip
    assert json.loads(plan_text(found[0], 2)) == {"point": "redis ZADD", "moment": "before", "skip": 2}


def test_consecutive_seeds_take_every_point_once() -> None:
    points = [Point("registry-api", f"sql SELECT #{n}", "after") for n in range(60)]
    slices = [sliced(points, seed) for seed in range(7, 7 + SLICES)]
    assert sorted(point for each in slices for point in each) == sorted(points)
    assert all(slices)


def test_a_whole_run_that_does_too_little_says_so() -> None:
    enough = {
        "kills": 240,
        "outside_kills": 36,
        "known_points": 9000,
        "crash_points": 200,
        "untried_points": 0,
    }
    assert command.shortfalls({**enough, "missed_points": ["a"]}) == []
    assert len(command.shortfalls({**enough, "crash_points": 100, "missed_points": ["a"] * 50})) == 1
    assert len(command.shortfalls({**enough, "kills": 199, "known_points": 1, "missed_points": []})) == 2


def test_the_count_of_crash_points_only_grows_or_says_why() -> None:
    counts: list[int] = []
    for line in command.FLOOR.read_text().splitlines():
        if line and not line.startswith("#"):
            count, _, why = line.partition(" ")
            assert why, "every count says what it follows from"
            assert not counts or int(count) >= counts[-1] or why.startswith("fewer:")
            counts.append(int(count))
    assert command.floor() == counts[-1]


def row(outcome: str = "negative", review: str | None = None) -> Row:
    return Row({}, "matched", ("HC-1",), outcome, review=review)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ([], "none"),
        ([row()], "negative"),
        ([row("positive"), row()], "under_recheck"),
        ([row("positive", "confirmed"), row("positive")], "positive"),
        ([row("positive", "refuted")], "negative"),
    ],
)
def test_the_oracle_shows_what_the_contract_says(rows: list[Row], shown: str) -> None:
    assert display(rows) == shown


def test_a_second_receipt_for_one_number_is_a_contradiction() -> None:
    ledger = Ledger()
    step = Traffic(random.Random(1), ledger, now=NOW).positive_step("LAB01")
    counts = {"accepted": len(step.batch.rows), "rejected": 0, "duplicates": 0}
    for batch_id in ("a", "a", "b"):
        ledger.acknowledge(step.batch, {"batch_id": batch_id, **counts})
    assert ledger.contradictions == [f"{step.batch.batch_no}: two batches for one number"]


def test_a_receipt_that_counts_otherwise_is_a_contradiction() -> None:
    ledger = Ledger()
    step = Traffic(random.Random(1), ledger, now=NOW).positive_step("LAB01")
    ledger.acknowledge(step.batch, {"batch_id": "a", "accepted": 0, "rejected": 0, "duplicates": 0})
    assert len(ledger.contradictions) == 1


def test_a_batch_acknowledged_without_a_database_is_told() -> None:
    away = [
        Outage("immediate stop", Counter({503: 9, 202: 1}), 0.4),
        Outage("immediate stop", Counter({503: 9}), 3.0),
    ]
    assert (len(false_answers(away)), len(late_answers(away))) == (1, 1)
    quick = [Outage("immediate stop", Counter({503: 9, 0: 2}), 1.9)]
    assert (false_answers(quick), late_answers(quick)) == ([], [])


def test_what_is_late_is_sound_and_does_not_hold() -> None:
    scene = cast("Any", None)
    on_time = Result({}, [figure(name := "worker killed → its work is done", [1.0])], [], [], scene)
    assert on_time.sound
    assert on_time.holds
    for late in (
        replace(on_time, late=["an answer took 3.0 s"]),
        replace(on_time, figures=[figure(name, [9.0])]),
    ):
        assert late.sound
        assert not late.holds
    assert not replace(on_time, problems=["a batch was acknowledged without a database"]).sound


def test_a_figure_that_was_never_measured_does_not_hold() -> None:
    name = "worker killed → its work is done"
    assert figure(name, []).holds is False
    assert figure(name, [1.0, 4.9]).holds is True
    assert figure(name, [1.0, 5.1]).holds is False
    assert p99([float(n) for n in range(1, 101)]) == 99.0


@pytest.mark.parametrize("seed", range(6))
async def test_the_tubes_of_a_batch_that_is_sent_a_hundred_times_are_registered_too(seed: int) -> None:
    posted: list[tuple[str, Any]] = []

    class Taking:
        async def until_done(self, _: str, path: str, *, body: Any, **__: object) -> httpx.Response:
            posted.append((path, body))
            counts = {"accepted": 0, "rejected": 0, "duplicates": 0}
            return httpx.Response(202, json={"batch_id": "00000000-0000-0000-0000-000000000000", **counts})

    ledger = Ledger()
    clients = cast("dict[str, Client]", defaultdict(Taking))
    traffic = Traffic(random.Random(seed), ledger, now=NOW)
    driver = Driver(cast("Any", None), ledger, traffic, clients, random.Random(seed))
    await sent_at_once(Scene(cast("Any", None), driver, random.Random(seed), print))
    assert {body["tube_code"] for path, body in posted if path == "/v1/tubes"} == ledger.tubes.keys()
