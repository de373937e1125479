"""Over its limit a client is refused whole, and no Redis gives anything back."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from shared.limits import limiter as limits
from shared.limits.limiter import Limiter
from tests.support.servers import Address
from tests.support.system import PACKAGES, System, running_system, settings_of
from tests.system.limits.support import TIGHT, batch, laboratory, stop_clocks


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
        if path.startswith("/v1/") and operation.get("security")
    ]
    assert told
    assert all({"429", "503"} <= responses.keys() for responses in told)
    fields = {"Retry-After", "RateLimit-Policy", "RateLimit"}
    assert all(set(responses["429"]["headers"]) == fields for responses in told)
    assert "rate_limited" in document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
