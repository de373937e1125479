"""Every operation of the three services × every wrong token: 401, or 403 without the scope (contract §2).

The operations come from the OpenAPI documents, so that a new one is attacked from its first day.
"""

import re
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from registry.identity import signing
from registry.identity.service import create_client
from shared.security.principal import SCOPES, Principal
from tests.registry.identity.signing_clients import TYPE, assertion, public_jwk
from tests.support.system import PACKAGES, System
from tests.system.broken_tokens import Known, Sent, attempts, bearer, signed

ANY_ID = "01a1ffb6-debc-7f61-bc69-ed646bea2d55"
FORM = {"grant_type": "client_credentials"}
FEWEST = 40  # ways of being wrong on every operation
Operation = tuple[str, str, set[str]]


async def operations(client: httpx.AsyncClient) -> list[Operation]:
    """Return every operation that asks for a token: method, path, and the scopes that open it."""
    document = (await client.get("/openapi.json")).json()
    return [
        (method.upper(), re.sub(r"\{[^}]*\}", ANY_ID, path), _scopes(operation))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security")
    ]


def _scopes(operation: dict[str, Any]) -> set[str]:
    return {scope for each in operation["security"] for scopes in each.values() for scope in scopes}


async def made_client(system: System) -> tuple[str, str]:
    """Make an administrator's client."""
    context = system.context("registry")
    async with context.db.transaction() as session:
        return await create_client(
            session, context, name="甲", kind="system", scopes=["admin"], now=datetime.now(UTC)
        )


async def refreshed(system: System) -> None:
    """Let every service hear from registry, as each does every minute."""
    for service in PACKAGES:
        await system.context(service).tokens.keys.refresh()


async def known(system: System) -> Known:
    """Return what an attacker could have: old tokens, and, for once, registry's own key."""
    registry = await system.client("registry", scopes=["admin"])
    retired = registry.headers["authorization"].partition(" ")[2]
    for service in PACKAGES:
        used = await (await system.client(service)).get("/v1/dead-letters", headers=registry.headers)
        assert used.status_code == 200
    assert (await registry.post("/v1/signing-keys", json={"at_once": True})).status_code == 201
    await refreshed(system)
    client, leaver = await made_client(system), await made_client(system)
    gone = (await registry_token(system, leaver)).json()["access_token"]
    for service in PACKAGES:
        used = await (await system.client(service)).get(
            "/v1/dead-letters", headers={"Authorization": f"Bearer {gone}"}
        )
        assert used.status_code == 200
    admin = await system.client("registry", scopes=["admin"])
    assert (await admin.delete(f"/v1/clients/{leaver[0]}")).status_code == 204
    key = ec.generate_private_key(ec.SECP256R1())
    added = await admin.post(f"/v1/clients/{client[0]}/keys", json=public_jwk(key, kid="k"))
    assert added.status_code == 201
    context = system.context("registry")
    async with context.db.transaction() as session:
        current = await signing.current_key(session, context, now=datetime.now(UTC))
    await refreshed(system)
    spoken = assertion(client[0], key, aud="yingjian", header_kid="k")
    return Known(current, client, disabled=gone, retired=retired, assertion=spoken)


async def registry_token(system: System, client: tuple[str, str]) -> httpx.Response:
    """Ask for a token."""
    return await (await system.client("registry")).post("/v1/oauth/token", data=FORM, auth=client)


async def sent(client: httpx.AsyncClient, operation: Operation, what: Sent) -> httpx.Response:
    """Send a request without a body: a token comes before it."""
    method, path, _ = operation
    headers = [(name.encode(), value) for name, value in what.headers]
    return await client.request(method, path, headers=headers, params=what.query)


def right(answer: httpx.Response, what: Sent, *, status: int) -> bool:
    """Say whether an answer refuses as it should, and repeats nothing."""
    secret = max((value.decode("latin-1") for _, value in what.headers), key=len, default="")
    return (
        answer.status_code == status
        and answer.headers["content-type"] == "application/problem+json"
        and answer.headers.get("www-authenticate", "").startswith("Bearer")
        and (len(secret) < FEWEST or secret[-FEWEST:] not in answer.text)
    )


@pytest.mark.timeout(900)
@pytest.mark.parametrize("service", PACKAGES)
async def test_no_operation_takes_a_wrong_token(
    system: System, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = await known(system)
    await system.stop_workers()  # they would look for work all the while
    ways, client, tried, wrong = attempts(facts), await system.client(service), 0, []
    guarded = await operations(client)
    assert len(ways) >= FEWEST
    for number, operation in enumerate(guarded):
        cases = [(name, what, 401) for name, what in ways.items()]
        lacking = sorted(set(SCOPES) - operation[2] - {"admin"})
        strangers = {each: await stranger(system, f"stranger-{number}", each) for each in lacking}
        cases += [(f"only {scope}", what, 403) for scope, what in strangers.items()]
        for name, what, status in cases:
            answer = await sent(client, operation, what)
            tried += 1
            if not right(answer, what, status=status):
                wrong.append(f"{operation[0]} {operation[1]}, {name}: {answer.status_code}")
    with capsys.disabled():
        print(f"\nwrong tokens at {service}: {len(guarded)} operations, {tried} cases, {len(wrong)} open")  # noqa: T201
    assert tried >= FEWEST * len(guarded) > FEWEST
    assert not wrong, "\n".join(wrong[:50])


async def stranger(system: System, client_id: str, scope: str) -> Sent:
    """Return what a client sends that holds one scope; another for each operation, as limits are per client."""
    who = Principal(client_id, "乙", "system", frozenset({scope}), lab_code="LAB-X")
    return Sent([bearer(await system.token(who))])


async def test_the_token_that_the_wrong_ones_are_made_from_opens_every_door(system: System) -> None:
    facts = await known(system)
    closed = []
    for service in PACKAGES:
        client = await system.client(service)
        for operation in await operations(client):
            if operation[:2] == ("POST", "/v1/signing-keys"):
                continue  # it would end the very key
            answer = await sent(client, operation, Sent([bearer(signed(facts))]))
            # Whoever has no laboratory has none to show, whatever the token is worth.
            if answer.status_code in (401, 403) and answer.json()["code"] != "lab_not_registered":
                closed.append((service, *operation, answer.status_code))
    assert closed == []


@pytest.mark.parametrize("service", PACKAGES)
async def test_a_replayed_assertion_gets_no_token_on_any_origin(system: System, service: str) -> None:
    facts = await known(system)
    client = await system.client(service)
    form = {**FORM, "client_assertion_type": TYPE, "client_assertion": facts.assertion}
    first = await client.post("/v1/oauth/token", data=form)
    assert first.status_code == 200, first.text
    assert jwt.decode(first.json()["access_token"], options={"verify_signature": False})["exp"] > time.time()
    for other in PACKAGES:
        again = await (await system.client(other)).post("/v1/oauth/token", data=form)
        assert (again.status_code, again.json()["code"]) == (401, "invalid_client")
        assert "access_token" not in again.text
