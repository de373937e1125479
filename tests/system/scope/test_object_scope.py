"""Every operation × another laboratory, another area, a client without the scope, and nobody.

The operations come from the three OpenAPI documents; one without a declared pair fails (contract §2).
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from shared.security.principal import SCOPES
from tests.support.servers import Address
from tests.support.system import System, running_system
from tests.system.scope.declared import DECLARED, Operation, built, send
from tests.system.scope.pairs import PUBLIC, Pair, Request, attackers, described
from tests.system.scope.world import Who, World, secrets_in


async def operations(system: System, service: str) -> dict[Operation, set[str]]:
    """Return every operation of a service with the scopes of which any one opens it; none: public."""
    document = (await (await system.client(service)).get("/openapi.json")).json()
    return {
        (method.upper(), path): _scopes(operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def _scopes(operation: dict[str, Any]) -> set[str]:
    return {scope for each in operation.get("security", ()) for scopes in each.values() for scope in scopes}


async def test_every_operation_has_a_declared_pair(system: System) -> None:
    for service, declared in DECLARED.items():
        found = await operations(system, service)
        assert sorted(set(found) - set(declared)) == [], "declare what B and nobody must get"
        assert sorted(set(declared) - set(found)) == [], "these operations are gone"
        assert {each for each, pairs in declared.items() if pairs is PUBLIC} == {
            each for each, scopes in found.items() if not scopes
        }


@pytest.fixture
async def world(servers: Address, database: str, tmp_path: Any) -> AsyncIterator[World]:
    """Build both sides."""
    async with running_system(servers, database, data_dir=tmp_path) as system:
        yield await built(system)


@pytest.mark.timeout(600)
async def test_nobody_gets_what_belongs_to_somebody_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    tried, wrong = 0, []
    for service, declared in DECLARED.items():
        for operation, scopes in (await operations(world.system, service)).items():
            for number, pair in enumerate(declared[operation]):
                asked = await pair.ask(world)
                for who, answer, good in await _answers(world, service, operation, scopes, pair, asked):
                    tried += 1
                    shown = secrets_in(answer.text)
                    if not good or shown:
                        wrong.append(f"{' '.join(operation)} #{number} by {who}: {described(answer)} {shown}")
    with capsys.disabled():
        count = sum(map(len, DECLARED.values()))
        print(f"\nobject scope: {count} operations, {tried} pairs, {len(wrong)} wrong")  # noqa: T201
    assert not wrong, "\n".join(wrong)


async def _answers(
    world: World, service: str, operation: Operation, scopes: set[str], pair: Pair, asked: Request
) -> list[tuple[str, httpx.Response, bool]]:
    """Return what nobody, those without the scope, B, and at last the owner get, and whether it is right."""
    found = []
    for name, headers in (("nobody", {}), ("a forged token", {"Authorization": "Bearer a.b.c"})):
        answer = await send(await world.system.client(service), operation, asked, headers)
        found.append((name, answer, answer.status_code == 401))
    rest = frozenset(SCOPES) - scopes - {"admin"}
    if rest:
        stranger = Who(rest, lab="LAB-A" if "results:write" in rest else None)
        answer = await send(await world.client(service, stranger), operation, asked)
        found.append(("a client without the scope", answer, answer.status_code == 403))
    for who in attackers(scopes, pair.against):
        answer = await send(await world.client(service, who), operation, asked)
        found.append((who.name, answer, pair.refused(world, answer)))
    if pair.owner is not None:
        answer = await send(await world.client(service, pair.owner), operation, asked)
        found.append((f"its owner, {pair.owner.name}", answer, pair.owns(world, answer)))
    return found
