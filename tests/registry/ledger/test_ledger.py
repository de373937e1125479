"""The ledger and the explanation, as they are read over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.db import sql
from tests.support.system import System
from tests.support.world import World, applied, bound, result, reviewed, world_of


@pytest.fixture
async def town(system: System) -> World:
    """Return a world inside the running system, at its own time."""
    world = await world_of(system.context("registry"))
    await world.category(days=7)
    await world.unit("U1", township="TOWN-01", department="DEPT-01")
    return world


async def get(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """Return an answer."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


@pytest.mark.requirement(32)
async def test_the_ledger_shows_every_sample_and_result_newest_first(system: System, town: World) -> None:
    client = await system.client("registry", scopes=["records:read"])
    person = await town.person(category="8A1", unit="U1")
    tube, wrong = uuid4(), uuid4()
    at = town.now - timedelta(hours=30)
    await town.tell(
        bound(person, tube_id=tube, collected_at=at),
        applied([result(person, tube_id=tube, collected_at=at, outcome="positive", result_id=wrong)]),
        reviewed(wrong, person, "refuted"),
        applied([result(person, collected_at=at + timedelta(hours=20))]),
    )
    shown = await get(client, f"/v1/people/{person}/ledger")
    assert (shown["category_code"], shown["interval"], shown["display"]) == ("8A1", "P7D", "negative")
    assert [each["kind"] for each in shown["entries"]].count("result") == 2
    assert shown["entries"][0]["outcome"] == "negative"
    (positive,) = [each for each in shown["entries"] if each["outcome"] == "positive"]
    assert [each["verdict"] for each in positive["reviews"]] == ["refuted"]
    first = await get(client, f"/v1/people/{person}/ledger?limit=2")
    rest = await get(client, f"/v1/people/{person}/ledger?limit=2&cursor={first['next_cursor']}")
    assert first["entries"] + rest["entries"] == shown["entries"]
    assert rest["next_cursor"] is None


@pytest.mark.requirement(32)
async def test_a_new_result_moves_the_ledger(system: System, town: World) -> None:
    client = await system.client("registry", scopes=["records:read"])
    person = await town.person(category="8A1", unit="U1")
    assert (await get(client, f"/v1/people/{person}/ledger"))["due_state"] == "never_tested"
    await town.tell(applied([result(person, collected_at=town.now)]))
    after = await get(client, f"/v1/people/{person}/ledger")
    assert (after["due_state"], after["due_on"]) == ("ok", str((town.now + timedelta(days=7)).date()))


async def test_an_explanation_says_why_in_both_languages_and_as_data(system: System, town: World) -> None:
    client = await system.client("registry", scopes=["records:read"])
    person = await town.person(category="8A1", unit="U1")
    await town.tell(applied([result(person, collected_at=town.now)]))
    shown = await get(client, f"/v1/people/{person}/explanation")
    assert shown["due_on"] == str((town.now + timedelta(days=7)).date())
    assert (shown["rule"]["category_code"], shown["rule"]["version"], shown["rule"]["params"]) == (
        "8A1",
        1,
        {"days": 7},
    )
    assert shown["sample"]["outcome"] == "negative"
    assert [each["decides"] for each in shown["duties"]] == [True]
    assert any("每 7 天" in each for each in shown["sentences"]["zh"])
    assert any("every 7 days" in each for each in shown["sentences"]["en"])
    assert len(shown["sentences"]["zh"]) == len(shown["sentences"]["en"])


async def test_an_exemption_is_part_of_the_explanation(system: System, town: World) -> None:
    client = await system.client("registry", scopes=["records:read"])
    person = await town.person(category="8A1", unit="U1")
    await town.exempt(person, "leave", town.now.date(), town.now.date())
    shown = await get(client, f"/v1/people/{person}/explanation")
    assert (shown["due_state"], shown["due_on"]) == ("not_required", None)
    assert shown["stored_due_on"] is not None
    assert [each["kind"] for each in shown["exemptions"]] == ["leave"]
    assert "休假" in shown["sentences"]["zh"][0]


@pytest.mark.parametrize("path", ["ledger", "explanation"])
async def test_outside_its_area_a_client_finds_nobody(system: System, town: World, path: str) -> None:
    person = await town.person(category="8A1", unit="U1")
    for area, level, expected in (
        ("TOWN-01", "township", 200),
        ("TOWN-02", "township", 404),
        ("DEPT-01", "department", 200),
        ("DEPT-02", "department", 404),
    ):
        client = await system.client("registry", scopes=["records:read"], area_code=area, area_level=level)
        assert (await client.get(f"/v1/people/{person}/{path}")).status_code == expected
    platform = await system.client("registry", scopes=["status:read"])
    assert (await platform.get(f"/v1/people/{person}/{path}")).status_code == 403
    reader = await system.client("registry", scopes=["records:read"])
    assert (await reader.get(f"/v1/people/{UUID(int=1)}/{path}")).status_code == 404


async def test_every_look_at_a_ledger_or_an_explanation_is_audited(system: System, town: World) -> None:
    person = await town.person()
    client = await system.client("registry", scopes=["records:read"], client_id="looker")
    await get(client, f"/v1/people/{person}/ledger")
    await get(client, f"/v1/people/{person}/explanation")
    assert (await client.get(f"/v1/people/{uuid4()}/ledger")).status_code == 404
    async with town.context.db.transaction() as session:
        rows = (
            await session.execute(
                sql("SELECT client_id, action, person_id FROM registry.audit ORDER BY audit_id")
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        ("looker", "person.ledger", person),
        ("looker", "person.explanation", person),
    ]
