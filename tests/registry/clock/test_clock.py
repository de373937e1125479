"""The business clock over HTTP (contract §1)."""

from datetime import datetime, timedelta

import pytest

from registry.statuses.facts import SHANGHAI
from tests.support.system import System


async def test_the_clock_moves_forward_for_all_three_services_and_never_back(system: System) -> None:
    admin = await system.client("registry", scopes=["admin"])
    wanted = datetime.now(SHANGHAI) + timedelta(days=3)
    assert (await admin.put("/v1/clock", json={"now": wanted.isoformat()})).status_code == 204
    for service in ("registry", "results-ingest", "notifier"):
        context = system.context(service)
        async with context.db.transaction() as session:
            assert timedelta() <= await context.clock.now(session) - wanted < timedelta(minutes=1)
    back = await admin.put("/v1/clock", json={"now": (wanted - timedelta(hours=1)).isoformat()})
    assert (back.status_code, back.json()["code"]) == (409, "clock_backwards")


async def test_only_an_administrator_moves_the_clock_and_only_to_a_time_with_offset(system: System) -> None:
    admin = await system.client("registry", scopes=["admin"])
    platform = await system.client("registry", scopes=["status:read"])
    wanted = (datetime.now(SHANGHAI) + timedelta(days=1)).isoformat()
    assert (await platform.put("/v1/clock", json={"now": wanted})).status_code == 403
    naive = await admin.put("/v1/clock", json={"now": wanted[:19]})
    assert (naive.status_code, naive.json()["errors"][0]["code"]) == (422, "time_naive")


async def test_the_clock_does_not_move_beyond_the_times_that_can_be_shown(system: System) -> None:
    admin = await system.client("registry", scopes=["admin"])
    far = await admin.put("/v1/clock", json={"now": "9999-12-31T23:00:00Z"})
    assert (far.status_code, far.json()["errors"][0]["code"]) == (422, "time_after_2199")
    assert (await admin.get("/v1/sampling-list")).status_code == 200


@pytest.mark.settings(environment="production")
async def test_in_production_there_is_no_clock_to_move(system: System) -> None:
    admin = await system.client("registry", scopes=["admin"])
    wanted = (datetime.now(SHANGHAI) + timedelta(days=1)).isoformat()
    assert (await admin.put("/v1/clock", json={"now": wanted})).status_code == 404
