"""The pairs of lots of goods."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.system.people import ok
from tests.system.scope.pairs import Pair, Pairs, Request, hides, refuses, shows, status
from tests.system.scope.world import COLLECTED, World, at

LOT: Final = {"lot_code": "LOT-A", "unit_code": "UNIT-A1", "goods": "container", "arrived_at": COLLECTED}
STEP: Final = {"kind": "disinfected", "at": at(hour=9)}


def about(body: Any = None, *, path: bool = True) -> Callable[[World], Awaitable[Request]]:
    """Ask about a lot of A's that is there."""

    async def made(world: World) -> Request:
        await ok((await world.admin("results-ingest")).post("/v1/lots", json=LOT))
        return Request({"lot_code": "LOT-A"} if path else {}, json=body)

    return made


PAIRS: Final[Pairs] = {
    ("POST", "/v1/lots"): (Pair(about(LOT, path=False), refuses("lot_unit_unknown")),),
    ("GET", "/v1/lots"): (Pair(about(path=False), hides("LOT-A"), owns=shows("LOT-A"), by_row=False),),
    ("GET", "/v1/lots/{lot_code}"): (Pair(about(), status(404), by_row=False),),
    ("POST", "/v1/lots/{lot_code}/tubes"): (
        Pair(about({"tube_codes": ["TUBE-A"]}), status(404), owns=refuses("lot_tube_unfit")),
    ),
    ("POST", "/v1/lots/{lot_code}/steps"): (Pair(about(STEP), status(404)),),
}
