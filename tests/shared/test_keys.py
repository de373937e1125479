"""How a process keeps registry's keys: no lab stands still without registry, and nobody makes us flood it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.security import keys
from shared.security.keys import RETRY_AFTER, KeysUnavailable, client_mark
from shared.security.tokens import SigningKey, TokenRefused, TokenVerifier
from shared.web import app as web
from tests.shared.test_access import ISSUER, KEY, OTHER, encode, jwk, token


@dataclass
class Registry:
    """What registry publishes; `down`: it does not answer; `hanging`: it takes the call and says nothing."""

    keys: list[SigningKey] = field(default_factory=lambda: [KEY])
    disabled: list[str] = field(default_factory=list)
    down: bool = False
    hanging: bool = False
    calls: int = 0

    async def fetch(self) -> dict[str, Any]:
        self.calls += 1
        if self.hanging:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        if self.down:
            raise httpx.ConnectError("down")
        return {"keys": [jwk(key) for key in self.keys], "disabled_clients": self.disabled}


@dataclass
class Time:
    """Real time, moved by hand from where tokens are made."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def verifier(registry: Registry, clock: Time) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, fetch=registry.fetch, clock=clock)


async def test_a_registry_that_is_down_for_hours_stops_nobody_whose_key_is_known(
    registry: Registry, verifier: TokenVerifier, clock: Time
) -> None:
    await verifier.verify(token("results:write"))
    registry.down = True
    for _ in range(100):
        clock.ahead += 3600
        await verifier.keys.refresh()
    assert (await verifier.verify(token("results:write", age=1 - int(clock.ahead)))).holds("results:write")


async def test_nor_after_a_restart(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "keys" / "jwks.json"
    await TokenVerifier(issuer=ISSUER, fetch=registry.fetch, cache_file=file).verify(token("results:write"))
    registry.down = True
    restarted = TokenVerifier(issuer=ISSUER, fetch=registry.fetch, cache_file=file)
    await restarted.keys.refresh()
    assert (await restarted.verify(token("results:write", age=1))).holds("results:write")
    assert '"d"' not in file.read_text()


async def test_a_client_disabled_before_a_restart_stays_out(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    registry.disabled = [client_mark("c1")]
    await TokenVerifier(issuer=ISSUER, fetch=registry.fetch, cache_file=file).keys.refresh()
    registry.down = True
    restarted = TokenVerifier(issuer=ISSUER, fetch=registry.fetch, cache_file=file)
    with pytest.raises(TokenRefused):
        await restarted.verify(token("status:read"))
    assert '"c1"' not in file.read_text()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"issuer":"yingjian"}',
        b'{"issuer":"yingjian","keys":1,"disabled_clients":[[]]}',
        b'{"issuer":"x","keys":[]}',
        b"\xff",
        b'{"issuer":"yingjian","keys":[1,{"kty":"EC","crv":"P-256","kid":"k1"}]}',
    ],
)
async def test_a_damaged_file_of_keys_is_passed_over(
    registry: Registry, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "jwks.json"
    file.write_bytes(content)
    verifier = TokenVerifier(issuer=ISSUER, fetch=registry.fetch, cache_file=file)
    assert (await verifier.verify(token("status:read"))).holds("status:read")


async def test_a_slow_registry_delays_nobody_whose_key_is_known(
    registry: Registry, verifier: TokenVerifier
) -> None:
    await verifier.verify(token("status:read"))
    registry.hanging = True
    refreshing = asyncio.create_task(verifier.keys.refresh())
    await asyncio.sleep(0)
    assert registry.calls == 2
    assert (await verifier.verify(token("status:read", age=1))).holds("status:read")
    assert not refreshing.done()
    refreshing.cancel()


async def test_a_registry_that_never_finishes_its_answer_is_given_up(
    registry: Registry, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FETCH_SECONDS", 0.01)
    registry.hanging = True
    assert await verifier.keys.refresh() == RETRY_AFTER
    with pytest.raises(KeysUnavailable):
        await verifier.verify(token("status:read"))


async def test_a_new_key_is_fetched_when_it_first_appears(
    registry: Registry, verifier: TokenVerifier, clock: Time
) -> None:
    await verifier.verify(token("status:read"))
    registry.keys.append(OTHER)
    clock.ahead += RETRY_AFTER + 1
    assert (await verifier.verify(token("status:read", key=OTHER))).holds("status:read")


async def test_a_thousand_unknown_keys_at_once_ask_registry_once(
    registry: Registry, verifier: TokenVerifier, clock: Time
) -> None:
    await verifier.verify(token("status:read"))
    clock.ahead += RETRY_AFTER + 1
    forged = [encode({}, kid=f"invented-{number}") for number in range(1000)]
    answers = await asyncio.gather(*map(verifier.verify, forged), return_exceptions=True)
    assert {type(each) for each in answers} == {TokenRefused}
    assert registry.calls == 2


async def test_unknown_keys_ask_registry_at_most_once_in_a_few_seconds(
    registry: Registry, verifier: TokenVerifier, clock: Time
) -> None:
    for number in range(60):
        with pytest.raises(TokenRefused):
            await verifier.verify(encode({}, kid=f"invented-{number}"))
        clock.ahead += 1
    assert registry.calls <= 60 / RETRY_AFTER + 1


async def test_while_registry_is_down_an_unknown_key_is_no_verdict(
    registry: Registry, verifier: TokenVerifier, clock: Time
) -> None:
    await verifier.verify(token("status:read"))
    registry.down = True
    clock.ahead += RETRY_AFTER + 1
    with pytest.raises(KeysUnavailable):
        await verifier.verify(token("status:read", key=OTHER))
    registry.down, registry.keys = False, [KEY, OTHER]
    clock.ahead += RETRY_AFTER + 1
    assert (await verifier.verify(token("status:read", key=OTHER))).holds("status:read")


async def test_a_verified_token_ends_with_its_key(registry: Registry, verifier: TokenVerifier) -> None:
    registry.keys = [OTHER, KEY]
    old, new = token("status:read"), token("status:read", key=OTHER)
    await verifier.verify(old)
    await verifier.verify(new)
    registry.keys = [OTHER]
    await verifier.keys.refresh()
    with pytest.raises(TokenRefused):
        await verifier.verify(old)
    assert (await verifier.verify(new)).holds("status:read")


async def test_a_verified_token_ends_with_its_client(registry: Registry, verifier: TokenVerifier) -> None:
    text = token("status:read")
    await verifier.verify(text)
    registry.disabled = [client_mark("c2")]
    await verifier.keys.refresh()
    assert (await verifier.verify(text)).holds("status:read")
    registry.disabled.append(client_mark("c1"))
    await verifier.keys.refresh()
    for _ in range(2):
        with pytest.raises(TokenRefused):
            await verifier.verify(text)


async def test_an_answer_without_any_key_drops_none(registry: Registry, verifier: TokenVerifier) -> None:
    await verifier.verify(token("status:read"))
    registry.keys = []
    await verifier.keys.refresh()
    assert (await verifier.verify(token("status:read", age=1))).holds("status:read")


@dataclass
class Stub:
    """As much of a context as the background needs."""

    tokens: TokenVerifier


@pytest.fixture
async def idle(verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[], int]]:
    """A service that nobody calls, with its background going round quickly."""
    rounds = 0
    refresh = verifier.keys.refresh

    async def counted() -> float:
        nonlocal rounds
        await refresh()
        rounds += 1
        return 0.0

    monkeypatch.setattr(web, "FIRST_REFRESH", 0.0)
    monkeypatch.setattr(verifier.keys, "refresh", counted)
    service = FastAPI()
    service.state.context = Stub(verifier)
    task = asyncio.create_task(web._keep_keys_fresh(service))
    yield lambda: rounds
    task.cancel()


async def test_a_service_that_nobody_calls_knows_the_next_key_before_registry_goes_away(
    registry: Registry, verifier: TokenVerifier, idle: Callable[[], int]
) -> None:
    async def another_round() -> None:
        seen = idle()
        while idle() < seen + 2:
            await asyncio.sleep(0)

    await another_round()
    registry.keys.append(OTHER)
    await another_round()
    registry.down = True
    await another_round()
    assert (await verifier.verify(token("status:read", key=OTHER))).holds("status:read")
