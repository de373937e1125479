"""Every route of every service asks for a token first, and each scope opens what it is for (contract §2)."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from registry.identity.service import create_client
from tests.support.system import PACKAGES, System

PUBLIC = {
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/version"),
    ("get", "/metrics"),
    ("get", "/.well-known/jwks.json"),
    ("post", "/v1/oauth/token"),
    ("post", "/v1/delivery-receipts/01a1ffb6-debc-7f61-bc69-ed646bea2d55"),  # signed by a provider
}
# A scope, and a request that it is for: any answer but 401 and 403 says that the door is open.
OPENS = [
    ("results:write", "results-ingest", "GET", "/v1/batches"),
    ("samples:write", "results-ingest", "POST", "/v1/tubes"),
    ("status:read", "registry", "GET", "/v1/status-changes"),
    ("records:read", "registry", "GET", "/v1/units"),
    ("reviews:write", "results-ingest", "GET", "/v1/reviews"),
    ("cases:respond", "notifier", "GET", "/v1/notices"),
    ("admin", "registry", "GET", "/v1/clients"),
]
CONTACT = {"name": "李四", "phone": "13800138000"}


async def bearer(
    system: System, scope: str, *, lab_code: str | None = None, area_code: str | None = None
) -> str:
    """Return a token of a new client, through the real token endpoint."""
    context = system.context("registry")
    async with context.db.transaction() as session:
        credentials = await create_client(
            session,
            context,
            name="甲",
            kind="system",
            scopes=[scope],
            lab_code=lab_code,
            area_code=area_code,
            now=datetime.now(UTC),
        )
    registry = await system.client("registry")
    form = {"grant_type": "client_credentials"}
    answer = await registry.post("/v1/oauth/token", data=form, auth=credentials)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return f"Bearer {token}"


async def operations(client: httpx.AsyncClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every operation of a service: method, path with its parameters filled in, description."""
    document = (await client.get("/openapi.json")).json()
    return [
        (method, re.sub(r"\{[^}]*\}", "01a1ffb6-debc-7f61-bc69-ed646bea2d55", path), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize("service", PACKAGES)
async def test_every_route_asks_for_a_token_before_anything_else(system: System, service: str) -> None:
    client = await system.client(service)
    guarded = [each for each in await operations(client) if each[:2] not in PUBLIC]
    assert len(guarded) > 5
    open_doors = []
    for method, path, operation in guarded:
        answer = await client.request(method, path)
        if answer.status_code != 401 or not operation.get("security"):
            open_doors.append((method, path, answer.status_code))
    assert open_doors == []


@pytest.mark.parametrize("service", PACKAGES)
async def test_public_routes_need_none(system: System, service: str) -> None:
    client = await system.client(service)
    found = {(method, path) for method, path, _ in await operations(client)} & PUBLIC
    paths = {path for method, path in found if method == "get"}
    answers = {path: await client.get(path) for path in paths}
    assert {each.status_code for each in answers.values()} == {200}
    assert {"/healthz", "/readyz", "/version", "/metrics"} <= set(answers)


@pytest.mark.parametrize(("scope", "service", "method", "path"), OPENS)
async def test_a_scope_opens_what_it_is_for(
    system: System, scope: str, service: str, method: str, path: str
) -> None:
    if scope == "cases:respond":
        admin = await system.client("registry", scopes=["admin"])
        township = {"code": "T01", "name": "某镇", "level": "township", "contact": CONTACT}
        assert (await admin.post("/v1/departments", json=township)).status_code == 201
    own = await bearer(
        system,
        scope,
        lab_code="LAB01" if scope == "results:write" else None,
        area_code="T01" if scope == "cases:respond" else None,
    )
    client = await system.client(service)
    opened = await client.request(method, path, headers={"Authorization": own})
    assert opened.status_code not in {401, 403}, opened.text
    other = await bearer(system, "audit:read")
    refused = await client.request(method, path, headers={"Authorization": other})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_a_token_fetched_from_another_service_is_the_same(system: System) -> None:
    context = system.context("registry")
    async with context.db.transaction() as session:
        credentials = await create_client(
            session, context, name="甲", kind="system", scopes=["admin"], now=datetime.now(UTC)
        )
    for service in ("results-ingest", "notifier"):
        client = await system.client(service)
        answer = await client.post(
            "/v1/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials
        )
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await client.get("/v1/dead-letters", headers=headers)).status_code == 200


async def test_a_refusal_is_passed_on_as_it_is(system: System) -> None:
    client = await system.client("notifier")
    form = {"grant_type": "client_credentials"}
    answer = await client.post("/v1/oauth/token", data=form, auth=("nobody", "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")
    page = await client.post(
        "/v1/oauth/token", data=form, auth=("nobody", "wrong"), headers={"Sec-Fetch-Mode": "cors"}
    )
    assert page.headers["www-authenticate"].startswith("xBasic")
