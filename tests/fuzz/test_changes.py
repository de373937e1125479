"""Valid requests of every operation with one thing changed: none is answered 500.

What a schema allows and only a service or a constraint of the database can refuse lies here: two fields that
contradict each other, a row twice, a day with which nobody can reckon. CHANGES=1000 tries all of them, and
SEED=8 others than usual.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.fuzz.changes import changes
from tests.system.scope.declared import DECLARED, Operation, send
from tests.system.scope.pairs import PUBLIC, Pair, Request
from tests.system.scope.test_object_scope import world
from tests.system.scope.world import DISTRICT, World

__all__ = ["world"]
SEED = int(os.environ.get("SEED") or 7)
CHANGES = int(os.environ.get("CHANGES") or 24)
"""How many are tried at each operation."""
# Without these nobody else's request would still be one: the time, and who may sign in.
KEPT = ("/v1/clock", "/v1/signing-keys", "/v1/clients")


def parameters(document: dict[str, Any], operation: Operation) -> list[str]:
    """Return the names of an operation's parameters in the query."""
    method, path = operation
    listed = document["paths"][path][method.lower()].get("parameters", ())
    return [each["name"] for each in listed if each["in"] == "query"]


async def good(world: World, service: str) -> list[tuple[Operation, Pair, Request]]:
    """Return a request that its owner may send, of every operation; all are made before a change is sent."""
    return [
        (operation, pair, await pair.ask(world))
        for operation, pairs in DECLARED[service].items()
        if pairs is not PUBLIC and not operation[1].startswith(KEPT)
        for pair in pairs[:1]
    ]


async def failures(
    world: World, service: str, requests: list[tuple[Operation, Pair, Request]], tell: Callable[[str], None]
) -> list[str]:
    """Send changes of the requests of one service and return which were answered 500."""
    document = (await (await world.system.client(service)).get("/openapi.json")).json()
    rng = random.Random(f"{SEED} {service}")
    told: Counter[int] = Counter()
    failed = []
    for operation, pair, asked in requests:
        client = await world.client(service, pair.owner or DISTRICT)
        every = list(changes(asked, parameters(document, operation)))
        for what, changed in rng.sample(every, min(CHANGES, len(every))):
            answer = await send(client, operation, changed)
            told[answer.status_code] += 1
            if answer.status_code == 500:
                failed.append(f"{' '.join(operation)}: {what}: {changed.path} {changed.query} {changed.json}")
    tell(
        f"{service}: {len(requests)} operations, {told.total()} changed requests: {dict(sorted(told.items()))}"
    )
    return failed


@pytest.mark.timeout(3_600)
async def test_no_change_of_a_good_request_is_answered_500(world: World, tell: Callable[[str], None]) -> None:
    requests = {service: await good(world, service) for service in DECLARED}
    failed = [
        each for service in DECLARED for each in await failures(world, service, requests[service], tell)
    ]
    assert failed == []
