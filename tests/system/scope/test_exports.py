"""Every list × export: another area gets as little of it by a sheet as by the list itself."""

import re
from typing import Any

import pytest

from registry.exports.catalogue import ListOf, catalogue
from tests.support.system import System
from tests.system.scope.declared import DECLARED, send
from tests.system.scope.pairs import Pair, Request, attackers, described
from tests.system.scope.test_object_scope import operations, world
from tests.system.scope.world import World, secrets_in

__all__ = ["world"]
EXPORT = ("POST", "/v1/exports")
# The list is a part of an answer whose other parts its owner's marks stand in.
ELSEWHERE = {
    "appeals-steps", "industry-map-defects-doubled", "responsibility-report-kinds", "spot-checks-findings",
    "units-responsibility", "units-shares-people",
}  # fmt: skip


def sent(one: ListOf, asked: Request) -> Request:
    """Return the request for a list as the request for its sheet."""
    where = {**asked.path, **{name: value for name, value in asked.query.items() if name in one.filters}}
    return Request(json={"list": one.name, "format": "csv", "where": where})


async def lists(system: System) -> dict[str, ListOf]:
    """Return every list of registry."""
    return catalogue((await (await system.client("registry")).get("/openapi.json")).json())


@pytest.mark.timeout(600)
async def test_nobody_takes_out_what_belongs_to_somebody_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    scopes = await operations(world.system, "registry")
    wrong: list[str] = []
    tried = 0
    for one in (await lists(world.system)).values():
        operation = ("GET", one.path)
        for number, pair in enumerate(DECLARED["registry"][operation]):
            asked = await pair.ask(world)
            if "cursor" in asked.query:
                continue  # an export begins at the beginning
            request = sent(one, asked)
            for who, answer, good in await _answers(world, scopes[operation], pair, request, one):
                tried += 1
                if not good or secrets_in(answer.text):
                    wrong.append(f"{one.name} #{number} by {who}: {described(answer)}")
    with capsys.disabled():
        print(f"\nexports: {tried} pairs, {len(wrong)} wrong")  # noqa: T201
    assert not wrong, "\n".join(wrong)


async def _answers(
    world: World, scopes: set[str], pair: Pair, request: Request, one: ListOf
) -> list[tuple[str, Any, bool]]:
    found = []
    for who in attackers(scopes, pair.against):
        answer = await send(await world.client("registry", who), EXPORT, request)
        found.append((who.name, answer, answer.status_code == 403 or pair.refused(world, answer)))
    if pair.owner is not None:
        answer = await send(await world.client("registry", pair.owner), EXPORT, request)
        good = answer.is_success and (one.name in ELSEWHERE or pair.owns(world, answer))
        found.append((f"its owner, {pair.owner.name}", answer, good))
    return found


async def test_a_list_says_no_more_in_a_sheet_than_its_columns(system: System) -> None:
    for one in (await lists(system)).values():
        assert not [
            column.field
            for column in one.columns
            if re.search(r"(^|\.)(id_no|phone|name_plain)$", column.field)
        ], one.name
