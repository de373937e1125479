"""Registry's own keys change while everything runs: by hand, by command and by age (contract §2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import text

from registry.identity import rotate, rotation, signing
from registry.identity.parameters import real_now
from registry.identity.rotation import rotate_by_age
from registry.settings import RegistrySettings
from shared.security.tokens import TokenVerifier
from tests.registry.identity.conftest import URL, Registry, registry_app

KEYS = "/v1/signing-keys"
OVER = signing.HEAD_START + signing.OUTLIVES


async def states(registry: Registry) -> list[str]:
    admin = await registry.bearer(scopes=["admin"])
    answer = await registry.http.get(KEYS, headers=admin)
    assert answer.status_code == 200
    return [key["state"] for key in answer.json()["keys"]]


async def age(registry: Registry, by: timedelta) -> None:
    """Let time pass for the signing keys."""
    async with registry.context.db.transaction() as session:
        await session.execute(
            text("""
                UPDATE registry.signing_key
                SET signs_from = signs_from - CAST(:by AS interval),
                    retires_at = retires_at - CAST(:by AS interval)
            """),
            {"by": by},
        )


async def audited(registry: Registry) -> list[tuple[str, str | None]]:
    async with registry.context.db.transaction() as session:
        rows = await session.execute(
            text("SELECT client_id, purpose FROM registry.audit WHERE action = 'signing_key.rotated'")
        )
        return [(row[0], row[1]) for row in rows]


async def test_a_key_is_published_then_signs_then_retires(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    old = (await registry.http.get("/.well-known/jwks.json")).json()["keys"][0]["kid"]
    answer = await registry.http.post(KEYS, headers=admin, json={})
    assert (answer.status_code, answer.json()["state"]) == (201, "next")
    new = answer.json()["kid"]
    assert await states(registry) == ["next", "current"]
    assert await kid_of(registry) == old
    again = await registry.http.post(KEYS, headers=admin, json={})
    assert (again.status_code, again.json()["code"]) == (409, "rotation_pending")
    await age(registry, signing.HEAD_START)
    await registry.context.tokens.keys.refresh()  # ten minutes have passed
    assert await states(registry) == ["current", "retiring"]
    assert await kid_of(registry) == new
    published = (await registry.http.get("/.well-known/jwks.json")).json()["keys"]
    assert {key["kid"] for key in published} == {old, new}
    await age(registry, signing.OUTLIVES)
    assert await states(registry) == ["current"]
    assert len(await audited(registry)) == 1


async def kid_of(registry: Registry) -> str:
    """Return the id of the key that signs now."""
    token = (await registry.bearer(scopes=["status:read"]))["Authorization"].partition(" ")[2]
    kid: str = jwt.get_unverified_header(token)["kid"]
    return kid


async def test_after_a_leak_every_token_of_the_old_key_ends(registry: Registry) -> None:
    old = await registry.bearer(scopes=["admin"])
    assert (await registry.http.post(KEYS, headers=old, json={"at_once": True})).status_code == 201
    await registry.context.tokens.keys.refresh()
    assert (await registry.http.get(KEYS, headers=old)).status_code == 401
    assert await states(registry) == ["current"]
    assert [purpose for _, purpose in await audited(registry)] == ["at_once"]


async def test_only_the_whole_district_s_administrator_rotates(registry: Registry) -> None:
    await registry.add_area("T01", "township")
    for terms in ({"scopes": ["admin"], "area_code": "T01"}, {"scopes": ["audit:read"]}):
        who = await registry.bearer(**terms)
        assert (await registry.http.post(KEYS, headers=who, json={})).status_code == 403
        assert (await registry.http.get(KEYS, headers=who)).status_code == 403


async def test_the_command_rotates_and_says_when_the_key_signs(
    registry: Registry, settings: RegistrySettings
) -> None:
    await registry.bearer(scopes=["admin"])
    now = datetime.now(UTC)
    key = await rotate.rotate(settings, now=now, at_once=False)
    assert (key.state, key.signs_from) == ("next", now + signing.HEAD_START)
    assert await states(registry) == ["next", "current"]
    assert await audited(registry) == [("system", None)]


async def test_a_key_that_has_grown_old_is_replaced_by_itself_and_once(registry: Registry) -> None:
    await registry.bearer(scopes=["admin"])

    async def come_round() -> None:
        async with registry.context.db.transaction() as session:
            assert not await rotate_by_age(session, registry.context)

    await age(registry, timedelta(days=registry.context.settings.signing_key_days - 1))
    await come_round()
    assert await states(registry) == ["current"]
    await age(registry, timedelta(days=1))
    for _ in range(3):
        await come_round()
    assert await states(registry) == ["next", "current"]
    assert await audited(registry) == [("system", None)]
    await age(registry, OVER + signing.OUTLIVES)
    await come_round()
    async with registry.context.db.transaction() as session:
        kept = await session.execute(text("SELECT count(*) FROM registry.signing_key"))
        assert kept.scalar_one() == 1  # the private part of the ended one is gone


async def test_two_who_rotate_at_once_add_one_key(registry: Registry) -> None:
    admin = await registry.bearer(scopes=["admin"])
    answers = await asyncio.gather(*(registry.http.post(KEYS, headers=admin, json={}) for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert await states(registry) == ["next", "current"]


class Wall:
    """The real time of every process of this test, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def processes(settings: RegistrySettings, count: int) -> AsyncIterator[list[Registry]]:
    """Run several registry processes on one database."""
    async with AsyncExitStack() as stack:
        running = []
        for _ in range(count):
            app = registry_app(settings)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            http = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=URL))
            running.append(Registry(app, app.state.context, http))
        yield running


async def test_tokens_of_both_keys_work_throughout_in_several_processes(
    registry: Registry, settings: RegistrySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Load without a pause, while time goes through a whole rotation in steps of a refresh."""
    client = await registry.make(scopes=["admin"])
    wall, refused, used, kids = Wall(), [], 0, set()
    async with processes(settings, 3) as running:
        services = [TokenVerifier(issuer="yingjian", fetch=each_fetch(each)) for each in running]
        for each in running:
            each.app.dependency_overrides[real_now] = wall
            each.context.tokens.keys.fetch_with(each_fetch(each), refresh_after=5.0)

        async def one_round(number: int) -> None:
            nonlocal used
            issuer = running[number % 3]
            answer = await issuer.ask(*client)
            token = answer.json()["access_token"]
            kids.add(jwt.get_unverified_header(token)["kid"])
            for service in services:
                try:
                    await service.verify(token)
                except Exception as problem:  # noqa: BLE001 - whatever it is, a request was refused
                    refused.append((number, type(problem)))
                used += 1

        # Tokens carry the moved time; libraries compare it with the real one, so it only goes back.
        wall.ahead = -(OVER + timedelta(minutes=5))
        await registry.bearer(scopes=["admin"])
        await age(registry, OVER + timedelta(minutes=10))
        monkeypatch.setattr("shared.security.tokens.LEEWAY", OVER.total_seconds() + 1200)
        async with running[0].context.db.transaction() as session:
            context = running[0].context
            await rotation.rotate(
                session, context, maker=rotation.SYSTEM, at_once=False, now=wall(), today=wall()
            )
        number = 0
        while wall.ahead < timedelta():
            await asyncio.gather(*(one_round(number + more) for more in range(3)))
            for service in services:
                await service.keys.refresh()
            wall.ahead += timedelta(seconds=60)
            number += 3
    assert refused == []
    assert len(kids) == 2
    assert used >= 3 * 3 * 25


def each_fetch(registry: Registry) -> Any:
    """Return a way to fetch the keys that a process publishes."""

    async def fetch() -> dict[str, Any]:
        document: dict[str, Any] = (await registry.http.get("/.well-known/jwks.json")).json()
        return document

    return fetch
