"""The pairs of every operation by service, the world that they ask in, and how a request is sent."""

import json
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx

from tests.support.system import System
from tests.system.scope import (
    ingest_pairs,
    lab_pairs,
    ladder_pairs,
    lot_pairs,
    notifier_pairs,
    registry_pairs,
    report_pairs,
    round_pairs,
    sample_pairs,
    work_pairs,
)
from tests.system.scope.pairs import Pairs, Request
from tests.system.scope.world import World

DECLARED: Final[dict[str, Pairs]] = {
    "registry": registry_pairs.PAIRS | lab_pairs.ONBOARDING,
    "results-ingest": ingest_pairs.PAIRS
    | sample_pairs.SAMPLES
    | sample_pairs.INTAKE
    | lab_pairs.PAIRS
    | lot_pairs.PAIRS,
    "notifier": notifier_pairs.PAIRS | report_pairs.PAIRS | work_pairs.WORK,
}
Operation = tuple[str, str]


async def built(system: System) -> World:
    """Return the world with both sides in it."""
    world = await World(system).build()
    await round_pairs.build(world)
    await ladder_pairs.build(world)
    return world


async def send(
    client: httpx.AsyncClient, operation: Operation, asked: Request, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send a request to an operation as it is, also what no library would write."""
    method, path = operation
    for name, value in asked.path.items():
        path = path.replace(f"{{{name}}}", quote(value.encode(errors="surrogatepass"), safe=""))
    query = urlencode(asked.query, errors="surrogatepass")
    url = f"{path}?{query}" if query else path
    given: dict[str, Any] = {"content": asked.content} if asked.content is not None else {}
    kind = {}
    if asked.json is not None:
        given, kind = {"content": json.dumps(asked.json)}, {"Content-Type": "application/json"}
    return await client.request(method, url, headers={**kind, **asked.headers, **(headers or {})}, **given)
