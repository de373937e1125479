"""Who asks for people that nobody knows is slowed and reported."""

import pytest

from tests.support.system import System
from tests.system.limits.support import TIGHT, stop_clocks


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
