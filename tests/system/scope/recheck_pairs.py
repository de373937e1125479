"""The pair of the re-check list, with a pool that is made for it."""

from typing import Final

from tests.system.people import ok, row
from tests.system.scope.pairs import Pair, Pairs, Request, hides, shows
from tests.system.scope.world import NOW, World, area_of, lab_of, tube

A_TOWN: Final = area_of("A", "TOWN")


async def pooled(world: World) -> Request:
    """Ask for the list after a pool of A's was positive."""
    if "POOL-A" not in world.ids:
        world.ids["POOL-A"] = "POOL-A"
        pool = tube("POOL-A", "A", {"health_code_id": "HC-A-0002"}) | {"mode": "mixed", "capacity": 5}
        await ok((await world.admin("results-ingest")).post("/v1/tubes", json=pool))
        rows = [row(NOW, outcome="positive", tube_code="POOL-A")]
        lab = await world.client("results-ingest", lab_of("A"))
        await ok(lab.post("/v1/batches", json={"batch_no": "BATCH-POOL-A", "results": rows}))
        await world.system.settle()
    return Request(query={"limit": "100"})


async def of_unit(world: World) -> Request:
    """Ask for the members of a unit of A."""
    await pooled(world)
    return Request(query={"limit": "100", "unit_code": "UNIT-A1"})


PAIRS: Final[Pairs] = {
    ("GET", "/v1/rechecks"): (
        Pair(pooled, hides("person 2", "POOL-A"), A_TOWN, shows("person 2", "POOL-A")),
        Pair(of_unit, hides("person 2", "POOL-A"), A_TOWN, shows("person 2", "POOL-A")),
    ),
}
