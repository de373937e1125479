"""What the health-code platform reads over HTTP: one status, many, the feed, its acknowledgement."""

import asyncio
import json
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from shared.db import sql
from tests.support.system import System
from tests.support.world import World, applied, bound, code_of, result, reviewed, world_of

SHAPE = {
    "health_code_id", "as_of", "display", "last_result", "pending_since", "due_on", "due_state", "clearance",
    "version", "changed_at",
}  # fmt: skip


@pytest.fixture
async def town(system: System) -> World:
    """Return a world inside the running system, at its own time."""
    world = await world_of(system.context("registry"))
    await world.category(days=7)
    return world


@pytest.fixture
async def platform(system: System) -> httpx.AsyncClient:
    """Return the platform's client."""
    return await system.client("registry", scopes=["status:read"])


async def test_a_status_is_worded_as_the_contract_says(platform: httpx.AsyncClient, town: World) -> None:
    person = await town.person(category="8A1")
    at = town.now - timedelta(hours=3)
    await town.tell(applied([result(person, collected_at=at)], reported_at=town.now))
    answer = await platform.get(f"/v1/statuses/{code_of(person)}")
    status = answer.json()
    assert set(status) == SHAPE
    last = status["last_result"]
    # Compared as times: zeros at the end of a second's fraction are not written.
    times = {
        name: datetime.fromisoformat(last.pop(name)) for name in ("collected_at", "tested_at", "reported_at")
    }
    assert times == {"collected_at": at, "tested_at": at + timedelta(hours=1), "reported_at": town.now}
    assert last == {"outcome": "negative", "mode": "single", "lab_code": "LAB01", "reviewed": False}
    due_on = str((at + timedelta(days=7)).date())
    assert (status["due_on"], status["due_state"]) == (due_on, "ok")
    assert status["clearance"] == {"allowed": True, "reasons": [], "until": due_on}
    assert status["as_of"].endswith("+08:00")


@pytest.mark.requirement(33)
async def test_clearance_says_no_with_its_reason(platform: httpx.AsyncClient, town: World) -> None:
    never, late, waiting, pooled, found, plain, away = await town.people(7, category="8A1")
    at = town.now - timedelta(hours=1)
    positive = uuid4()
    await town.tell(
        applied([result(late, collected_at=town.now - timedelta(days=8))]),
        bound(waiting, collected_at=at),
        applied([result(pooled, mode="mixed", outcome="positive", collected_at=at)]),
        applied([result(found, outcome="positive", result_id=positive, collected_at=at)]),
        reviewed(positive, found, "confirmed"),
        applied([result(plain, collected_at=at), result(away, collected_at=at)]),
    )
    await town.exempt(away, "suspended", town.now.date(), town.now.date())
    codes = [code_of(each) for each in (never, late, waiting, pooled, found, plain, away)]
    answer = await platform.post("/v1/statuses/query", json={"health_code_ids": [*codes, "HC-nobody"]})
    shown = answer.json()
    assert shown["not_found"] == ["HC-nobody"]
    clearance = [each["clearance"] for each in shown["statuses"]]
    assert [each["reasons"] for each in clearance] == [
        ["never_tested"],
        ["overdue"],
        ["never_tested", "pending"],
        ["under_recheck", "never_tested"],
        ["positive"],
        [],
        ["suspended"],
    ]
    assert [each["allowed"] for each in clearance] == [False] * 5 + [True, False]
    assert [each["until"] is None for each in clearance] == [True] * 5 + [False, True]
    for nobody in ("HC-nobody", "x", "11010519491231002X", "%00", "%E5%81%A5"):
        assert (await platform.get(f"/v1/statuses/{nobody}")).status_code == 404
    for wrong in ("\x00", "健康", "", "x" * 65, 7):
        answer = await platform.post("/v1/statuses/query", json={"health_code_ids": [wrong]})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")


@pytest.mark.requirement(76, 77)
async def test_members_of_a_pool_share_a_negative_and_nobody_gets_a_positive_from_one(
    platform: httpx.AsyncClient, town: World
) -> None:
    people = await town.people(4, category="8A1")
    tube = uuid4()
    at = town.now - timedelta(hours=2)
    rows = [result(each, mode="mixed", tube_id=tube, tube_code="P1", collected_at=at) for each in people]
    await town.tell(
        *(bound(each, tube_id=tube, tube_code="P1", mode="mixed", collected_at=at) for each in people)
    )
    await town.tell(applied(rows))
    for person in people:
        status = (await platform.get(f"/v1/statuses/{code_of(person)}")).json()
        assert (status["display"], status["last_result"]["mode"]) == ("negative", "mixed")
        assert status["pending_since"] is None
    grey = [{**row, "result_id": uuid4(), "outcome": "indeterminate", "tube_id": uuid4()} for row in rows]
    await town.tell(applied(grey))
    for person in people:
        status = (await platform.get(f"/v1/statuses/{code_of(person)}")).json()
        assert (status["display"], status["last_result"]["outcome"]) == ("under_recheck", "negative")
        assert status["clearance"]["reasons"] == ["under_recheck"]


async def test_the_feed_comes_as_a_page_or_as_lines_with_the_same_content(
    platform: httpx.AsyncClient, town: World
) -> None:
    await town.people(5)
    page = (await platform.get("/v1/status-changes?limit=3")).json()
    assert (len(page["changes"]), page["more"]) == (3, True)
    answer = await platform.get("/v1/status-changes?limit=3", headers={"Accept": "application/jsonl"})
    assert answer.headers["content-type"] == "application/jsonl"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["health_code_id"] for each in lines[:-1]] == [
        each["health_code_id"] for each in page["changes"]
    ]
    assert lines[-1] == {"next_cursor": page["next_cursor"], "more": True}
    rest = (await platform.get("/v1/status-changes", params={"cursor": page["next_cursor"]})).json()
    assert (len(rest["changes"]), rest["more"]) == (2, False)
    assert isinstance(rest["next_cursor"], str)
    bad = await platform.get("/v1/status-changes", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["code"]) == (410, "cursor_expired")
    assert (await platform.get("/v1/status-changes?limit=10001")).status_code == 422


async def test_what_the_platform_has_shown_is_kept(platform: httpx.AsyncClient, town: World) -> None:
    (person,) = await town.people(1)
    cursor = (await platform.get("/v1/status-changes")).json()["next_cursor"]
    failed = [{"health_code_id": code_of(person), "code": "no_account"}]
    answer = await platform.post("/v1/status-acknowledgements", json={"cursor": cursor, "failed": failed})
    assert answer.status_code == 204
    async with town.context.db.transaction() as session:
        row = (await session.execute(sql("SELECT phase, failed::text FROM registry.status_ack"))).one()
    assert (row[0], json.loads(row[1])) == ("feed", failed)


async def test_midnight_raises_the_version_and_enters_the_feed_by_itself(
    system: System, platform: httpx.AsyncClient, town: World
) -> None:
    person = await town.person(category="8A1")
    await town.tell(applied([result(person, collected_at=town.now)]))
    await system.settle()
    page = (await platform.get("/v1/status-changes")).json()
    (before,) = page["changes"]
    await system.set_clock(town.now + timedelta(days=8))
    for _ in range(200):
        page = (await platform.get("/v1/status-changes", params={"cursor": page["next_cursor"]})).json()
        if page["changes"]:
            break
        await asyncio.sleep(0.05)
    (after,) = page["changes"]
    assert (after["due_state"], after["clearance"]["reasons"]) == ("overdue", ["overdue"])
    assert after["version"] > before["version"]


async def test_statuses_are_for_the_platform_alone(system: System, town: World) -> None:
    (person,) = await town.people(1)
    reader = await system.client("registry", scopes=["records:read"])
    nobody = await system.client("registry")
    path = f"/v1/statuses/{code_of(person)}"
    assert (await reader.get(path)).status_code == 403
    assert (await nobody.get(path)).status_code == 401
