"""Tokens are limited by client and by address."""

import httpx
import pytest

from shared.limits import limiter as limits
from shared.limits.rules import Rate
from tests.support.system import System
from tests.system.limits.support import stop_clocks


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
