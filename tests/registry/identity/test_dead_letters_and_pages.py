"""Dead letters, and the pages as they are sent, on one service."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.ids import new_id
from shared.web.docs import POLICY
from tests.registry.identity.conftest import Registry


async def bury(registry: Registry, *, consumer: str = "registry", state: str = "dead") -> UUID:
    """Store a delivery that was given up."""
    message_id = new_id(datetime.now(UTC))
    async with registry.context.db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO bus.message (message_id, name, version, body) VALUES (:id, 'samples.bound', 1, '{}')"
            ),
            {"id": message_id},
        )
        await session.execute(
            text("""
                INSERT INTO bus.delivery (message_id, consumer, urgent, state, attempt, error, settled_at)
                VALUES (:id, :consumer, false, :state, 12, 'KeyError', now())
            """),
            {"id": message_id, "consumer": consumer, "state": state},
        )
    return message_id


async def state_of(registry: Registry, message_id: UUID) -> tuple[str, int, str | None]:
    """Return a delivery's state, attempt and who decided."""
    async with registry.context.db.transaction() as session:
        found = await session.execute(
            text("SELECT state, attempt, settled_by FROM bus.delivery WHERE message_id = :id"),
            {"id": message_id},
        )
        row = found.one()
    return row.state, row.attempt, row.settled_by


async def test_a_service_lists_its_own_dead_letters_without_bodies(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    dead = [await bury(registry) for _ in range(3)]
    await bury(registry, consumer="notifier")
    await bury(registry, state="done")
    first = (await registry.http.get("/v1/dead-letters?limit=2", headers=admin)).json()
    rest = (
        await registry.http.get("/v1/dead-letters", headers=admin, params={"cursor": first["next_cursor"]})
    ).json()
    listed = first["dead_letters"] + rest["dead_letters"]
    assert [each["id"] for each in listed] == [str(each) for each in dead]
    assert rest["next_cursor"] is None
    shown = {"name": "samples.bound", "consumer": "registry", "attempt": 12, "error": "KeyError"}
    assert listed[0] | shown == listed[0]
    assert "body" not in listed[0]


async def test_a_replayed_dead_letter_is_due_again_with_all_its_attempts(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    dead = await bury(registry)
    assert (await registry.http.post(f"/v1/dead-letters/{dead}/replay", headers=admin)).status_code == 204
    state, attempt, by = await state_of(registry, dead)
    assert (state, attempt) == ("pending", 0)
    assert by is not None
    again = await registry.http.post(f"/v1/dead-letters/{dead}/replay", headers=admin)
    assert again.status_code == 404


async def test_a_dropped_dead_letter_keeps_who_and_why_sealed(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    dead = await bury(registry)
    url = f"/v1/dead-letters/{dead}/drop"
    assert (await registry.http.post(url, headers=admin, json={})).status_code == 422
    answer = await registry.http.post(url, headers=admin, json={"reason": "张三的重复数据"})
    assert answer.status_code == 204
    state, _, by = await state_of(registry, dead)
    assert (state, by is not None) == ("dropped", True)
    async with registry.context.db.transaction() as session:
        reason = (
            await session.execute(text("SELECT reason FROM bus.delivery WHERE state = 'dropped'"))
        ).scalar()
    assert reason
    assert "张三" not in reason


async def test_another_service_s_dead_letter_is_not_here(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    dead = await bury(registry, consumer="notifier")
    assert (await registry.http.post(f"/v1/dead-letters/{dead}/replay", headers=admin)).status_code == 404


async def test_only_an_unlimited_administrator_handles_dead_letters(registry: Registry) -> None:
    await registry.add_area("T01", "township")
    limited = await registry.bearer(scopes=["admin"], area_code="T01")
    reader = await registry.bearer(scopes=["records:read"])
    for headers in (limited, reader):
        assert (await registry.http.get("/v1/dead-letters", headers=headers)).status_code == 403


@pytest.mark.parametrize("path", ["/", "/docs"])
async def test_a_page_carries_the_policy_and_names_no_other_host(registry: Registry, path: str) -> None:
    answer = await registry.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == POLICY
    hosts = set(re.findall(r"(?:src|href)=\"https?://([^/\"]+)", answer.text))
    assert hosts <= {"registry.test", "registry.test:8002", "registry.test:8003"}
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "name", ["docs.js", "pages.css", "swagger-ui.css", "swagger-ui-bundle.js", "favicon.svg"]
)
async def test_assets_are_local(registry: Registry, name: str) -> None:
    answer = await registry.http.get(f"/docs/assets/{name}")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/docs/assets/redoc.standalone.js", "/docs/assets/..%2Fdocs.py", "/redoc"])
async def test_nothing_else_is_served_beside_them(registry: Registry, path: str) -> None:
    assert (await registry.http.get(path)).status_code == 404


async def test_the_document_says_how_to_authorize(registry: Registry) -> None:
    document = (await registry.http.get("/openapi.json")).json()
    flow = document["components"]["securitySchemes"]["OAuth2"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/v1/oauth/token"
    assert document["paths"]["/v1/clients"]["get"]["security"] == [{"OAuth2": ["admin"]}]
