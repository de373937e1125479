"""Limits per credential over real servers: whole requests, no Redis, one allowance for all processes."""

import asyncio
import importlib
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from shared.clock import SHANGHAI
from shared.db import Database
from shared.errors import Problem
from shared.limits import limiter as limits
from shared.limits.limiter import Limiter
from shared.limits.rules import Rate
from shared.security.principal import Principal
from tests.support.servers import Address
from tests.support.system import PACKAGES, System, running_system, settings_of

TIGHT = {"laboratory": {"requests": (0.1, 3)}, "office": {"unknown": (0.1, 3)}}
LAB = Principal("lab-x", "lab", "system", frozenset({"results:write"}), lab_code="LAB01")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine read the shared rows: falling to the floor has a test of its own."""
    monkeypatch.setattr(limits, "OPEN_SECONDS", 30.0)


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def stop_clocks(system: System) -> Hand:
    """Let every service's limits follow one clock."""
    hand = Hand()
    for app in system.apps.values():
        app.state.limiter.clock = hand
    return hand


async def laboratory(system: System, code: str = "LAB01") -> httpx.AsyncClient:
    admin = await system.client("results-ingest", scopes=["admin"])
    await admin.post("/v1/labs", json={"lab_code": code, "name": code})
    return await system.client(
        "results-ingest", scopes=["results:write"], client_id=f"client-{code}", lab_code=code
    )


def batch(number: int, outcome: str = "negative") -> dict[str, Any]:
    tested = (datetime.now(SHANGHAI) - timedelta(hours=1)).replace(microsecond=0)
    row = {"health_code_id": f"HC-{number:06d}", "outcome": outcome, "tested_at": tested.isoformat()}
    return {"batch_no": f"B-{number}", "results": [row]}


@pytest.mark.settings(limits=TIGHT)
async def test_over_its_limit_a_client_is_refused_whole_and_told_when_to_come_back(system: System) -> None:
    hand = stop_clocks(system)
    lab, other = await laboratory(system), await laboratory(system, "LAB02")
    answers = [await lab.post("/v1/batches", json=batch(number)) for number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "1"
    assert '"requests";q=3;w=30' in refused.headers["ratelimit-policy"]
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=30')
    english = await lab.post("/v1/batches", json=batch(9), headers={"Accept-Language": "en"})
    assert "Over this client's allowance" in english.json()["title"]
    assert "额度" in refused.json()["title"]
    assert (await other.post("/v1/batches", json=batch(1))).status_code == 202, "another client's is its own"
    hand.now += 11
    assert (await lab.post("/v1/batches", json=batch(3))).status_code == 202, "the number was not used up"


@pytest.mark.settings(limits=TIGHT)
@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
async def test_a_batch_that_holds_a_positive_passes_where_a_negative_is_refused(
    system: System, outcome: str
) -> None:
    stop_clocks(system)
    lab = await laboratory(system)
    for number in range(3):
        await lab.post("/v1/batches", json=batch(number))
    assert (await lab.post("/v1/batches", json=batch(10))).status_code == 429
    assert (await lab.post("/v1/batches", json=batch(11, outcome))).status_code == 202
    escaped = b'{"batch_no":"E","results":[{"health_code_id":"HC-7","outcome":"\\u0070ositive","tested_at":"'
    escaped += batch(1)["results"][0]["tested_at"].encode() + b'"}]}'
    posted = await lab.post("/v1/batches", content=escaped, headers={"Content-Type": "application/json"})
    assert posted.status_code == 202, "an outcome that is spelt with escapes is one all the same"
    assert (await lab.post("/v1/batches", json=batch(12))).status_code == 429


@pytest.mark.settings(limits={"laboratory": {"rows": (0.1, 2), "bytes": (1, 100_000)}})
async def test_rows_and_bytes_are_limited_like_requests(system: System) -> None:
    hand = stop_clocks(system)
    lab = await laboratory(system)
    many = batch(1) | {"results": [batch(number)["results"][0] for number in range(5)]}
    assert (await lab.post("/v1/batches", json=many)).status_code == 202, "what is whole is taken whole"
    refused = await lab.post("/v1/batches", json=batch(3))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "31"), (
        "3 rows of debt at 0.1 a second"
    )
    assert (await lab.get("/v1/batches")).status_code == 200, "reading costs no rows"
    hand.now += 40
    padded = batch(4)
    padded["results"][0]["lab_extra"] = {"text": "x" * 1_900}
    await lab.post("/v1/batches", content=b" " * 120_000, headers={"Content-Type": "application/json"})
    assert (await lab.post("/v1/batches", json=padded)).status_code == 429


@pytest.mark.settings(limits=TIGHT)
async def test_health_and_documents_lie_outside_the_limits(system: System) -> None:
    stop_clocks(system)
    lab = await laboratory(system)
    for number in range(4):
        await lab.post("/v1/batches", json=batch(number))
    for path in ("/healthz", "/readyz", "/version", "/metrics", "/openapi.json", "/docs"):
        for _ in range(5):
            answer = await lab.get(path)
            assert answer.status_code == 200, path
            assert "ratelimit" not in answer.headers


async def test_an_emptied_redis_gives_nothing_back(
    servers: Address, database: str, tmp_path: Path, own_redis: str
) -> None:
    given: dict[str, Any] = {"redis_url": own_redis, "limits": TIGHT}
    async with running_system(servers, database, data_dir=tmp_path, **given) as system:
        hand = stop_clocks(system)
        lab = await laboratory(system)
        for number in range(4):
            await lab.post("/v1/batches", json=batch(number))
        async with Redis.from_url(own_redis) as redis:
            await redis.flushall()
        assert (await lab.post("/v1/batches", json=batch(5))).status_code == 429
        limiter: Limiter = system.apps["results-ingest"].state.limiter
        await limiter.settle()
        limiter.accounts.clear()  # as after a restart
        assert (await lab.post("/v1/batches", json=batch(5))).status_code == 429
        hand.now += 11
        assert (await lab.post("/v1/batches", json=batch(5))).status_code == 202


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


@pytest.mark.settings(limits=TIGHT)
async def test_who_looks_for_people_that_nobody_knows_is_slowed_and_reported(system: System) -> None:
    hand = stop_clocks(system)
    office = await system.client("registry", scopes=["records:read"], client_id="curious")
    made = [await office.get(f"/v1/people/by-health-code/GUESS-{n}") for n in range(5)]
    assert [answer.status_code for answer in made] == [404, 404, 404, 429, 429]
    assert made[3].json()["code"] == "lookups_limited"
    assert int(made[3].headers["retry-after"]) >= 1
    await system.apps["registry"].state.limiter.settle()
    alarms = await system.owner.fetch("SELECT client_id, service, kind FROM bus.limit_alarm")
    assert [tuple(row) for row in alarms] == [("curious", "registry", "unknown")], (
        "once, not for each refusal"
    )
    await system.context("registry").audit.flush()
    audited = await system.owner.fetch(
        "SELECT client_id, purpose FROM registry.audit WHERE action = 'limits.alarm'"
    )
    assert [tuple(row) for row in audited] == [("curious", "unknown")]
    metrics = (await office.get("/metrics")).text
    assert 'yingjian_enumeration_alarms_total{service="registry"}' in metrics
    assert (await office.get("/v1/categories")).status_code == 200, "what is no look-up goes on"
    hand.now += 11
    assert (await office.get("/v1/people/by-health-code/GUESS-9")).status_code == 404


@pytest.mark.settings(limits={"platform": {"unknown": (0.1, 3)}, "office": {"unknown": (0.1, 3)}})
async def test_unknown_codes_in_a_bulk_query_count_one_by_one_and_the_feed_goes_on(system: System) -> None:
    stop_clocks(system)
    platform = await system.client("registry", scopes=["status:read"])
    asked = {"health_code_ids": [f"GUESS-{n}" for n in range(10)]}
    assert (await platform.post("/v1/statuses/query", json=asked)).status_code == 200
    refused = await platform.post("/v1/statuses/query", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (429, "lookups_limited")
    assert refused.headers["retry-after"] == "71", "7 too many, at 0.1 a second"
    assert (await platform.get("/v1/statuses/GUESS-1")).status_code == 429
    assert (await platform.get("/v1/status-changes")).status_code == 200


async def test_large_bodies_of_one_client_wait_for_each_other_unread(system: System) -> None:
    lab = await laboratory(system)
    limiter: Limiter = system.apps["results-ingest"].state.limiter
    limiter.uploads_at_once = 1
    go, begun = asyncio.Event(), []

    def body(name: str) -> AsyncIterator[bytes]:
        async def chunks() -> AsyncIterator[bytes]:
            begun.append(name)
            yield b"{"
            await go.wait()
            yield b"}"

        return chunks()

    sent = [
        asyncio.create_task(
            lab.post("/v1/batches", content=body(name), headers={"Content-Type": "application/json"})
        )
        for name in ("first", "second")
    ]
    while not begun:
        await asyncio.sleep(0.01)
    for _ in range(20):
        await asyncio.sleep(0)
    assert begun == ["first"]
    assert (await lab.post("/v1/batches", json=batch(1))).status_code == 202, "a small body does not wait"
    go.set()
    assert [answer.status_code for answer in await asyncio.gather(*sent)] == [422, 422]
    assert begun == ["first", "second"]


async def half_sent(lab: httpx.AsyncClient, go: asyncio.Event) -> "asyncio.Task[httpx.Response]":
    """Begin a post whose body has come in half, and leave it there until `go`."""
    begun = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        begun.set()
        yield b"{"
        await go.wait()
        yield b"}"

    post = lab.post("/v1/batches", content=body(), headers={"Content-Type": "application/json"})
    task = asyncio.create_task(post)
    await begun.wait()
    return task


@pytest.mark.settings(most_requests=1)
async def test_more_requests_than_can_be_served_are_turned_away_at_once(system: System) -> None:
    lab = await laboratory(system)
    go = asyncio.Event()
    first = await half_sent(lab, go)
    shed = await lab.get("/v1/batches")
    assert (shed.status_code, shed.json()["code"], shed.headers["retry-after"]) == (503, "overloaded", "2")
    assert (await lab.get("/healthz")).status_code == 200
    go.set()
    assert (await first).status_code == 422
    assert (await lab.get("/v1/batches")).status_code == 200


@pytest.mark.settings(requests_at_once=1)
async def test_one_client_cannot_take_the_place_of_all_others(system: System) -> None:
    lab, other = await laboratory(system), await laboratory(system, "LAB02")
    go = asyncio.Event()
    first = await half_sent(lab, go)
    assert (await lab.get("/v1/batches")).json()["code"] == "too_many_at_once"
    assert (await other.get("/v1/batches")).status_code == 200
    go.set()
    await first
    assert (await lab.get("/v1/batches")).status_code == 200, "its place is free again"


async def ask(http: httpx.AsyncClient, client_id: str = "nobody") -> httpx.Response:
    return await http.post(
        "/v1/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, "x" * 20)
    )


async def test_the_token_endpoint_is_limited_by_client_and_by_address(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = stop_clocks(system)
    monkeypatch.setattr(limits, "TOKENS_OF_CLIENT", Rate(0.1, 2))
    monkeypatch.setattr(limits, "TOKENS_OF_ADDRESS", Rate(0.1, 5))
    http = await system.client("registry")
    codes = [(await ask(http)).status_code for _ in range(3)]
    assert codes == [401, 401, 429]
    assert (await ask(http, "somebody")).status_code == 401, "another client from there still may"
    codes = [(await ask(http, f"client-{number}")).status_code for number in range(4)]
    assert codes[-1] == 429, "until the address has asked too often"
    transport = httpx.ASGITransport(app=system.apps["registry"], client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://registry.test") as elsewhere:
        assert (await ask(elsewhere)).status_code == 401, "nobody is locked out by asking in its name"
    refused = await ask(http)
    assert refused.json()["code"] == "too_many_requests"
    hand.now += 60
    assert (await ask(http)).status_code == 401
    await system.apps["registry"].state.limiter.settle()
    kept = await system.owner.fetch("SELECT bucket FROM bus.allowance WHERE kind = 'tokens'")
    assert kept
    assert not any("192.0.2" in row["bucket"] or "nobody" in row["bucket"] for row in kept)


async def test_the_token_endpoint_of_the_other_services_is_limited_by_address(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clocks(system)
    monkeypatch.setattr(limits, "TOKENS_OF_ADDRESS", Rate(0.1, 2))
    http = await system.client("notifier")
    assert [(await ask(http)).status_code for _ in range(3)] == [401, 401, 429]


async def test_an_administrator_gives_one_client_limits_of_its_own(system: System) -> None:
    hand = stop_clocks(system)
    admin = await system.client("registry", scopes=["admin"])
    terms = {"name": "x", "kind": "system", "scopes": ["records:read"]}
    client_id = (await admin.post("/v1/clients", json=terms)).json()["client_id"]
    path = f"/v1/clients/{client_id}/limits"
    plain = (await admin.get(path)).json()
    assert plain["own"] == []
    assert plain["limits"]["lookups"] == {"per_second": 1, "burst": 3_000}
    office = await system.client("registry", scopes=["records:read"], client_id=client_id)
    assert (await office.get("/v1/categories")).status_code == 200
    own = {"limits": {"requests": {"per_second": 0.1, "burst": 2}}}
    answer = await admin.put(path, json=own)
    assert answer.json()["own"] == ["requests"]
    assert answer.json()["limits"]["requests"] == {"per_second": 0.1, "burst": 2}
    hand.now += 2 * limits.OWN_LIMITS_SECONDS
    await system.apps["registry"].state.limiter.settle()
    codes = [(await office.get("/v1/categories")).status_code for _ in range(3)]
    assert codes == [200, 200, 429], "both of its two, then no more"
    assert (await admin.put("/v1/clients/nobody/limits", json=own)).status_code == 404
    wrong = {"limits": {"rows": {"per_second": 0, "burst": 5}}}
    assert (await admin.put(path, json=wrong)).status_code == 422


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_the_openapi_documents_tell_of_both_answers(service: str, servers: Address) -> None:
    module = importlib.import_module(f"{PACKAGES[service]}.app")
    document = module.create(settings_of(service, servers.values("none"))).openapi()
    told = [
        operation["responses"]
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if path.startswith("/v1/")
    ]
    assert told
    assert all({"429", "503"} <= responses.keys() for responses in told)
    fields = {"Retry-After", "RateLimit-Policy", "RateLimit"}
    assert all(set(responses["429"]["headers"]) == fields for responses in told)
    assert "rate_limited" in document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]


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
