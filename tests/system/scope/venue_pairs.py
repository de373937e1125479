"""The pairs of venues and of what they report."""

from typing import Any, Final

import jwt

from tests.system.people import ok
from tests.system.scope.pairs import Check, Pair, Pairs, Request, hides, refuses, shows, status
from tests.system.scope.world import COLLECTED, DISTRICT, NOW, Who, World, area_of

VENUE: Final = Who(frozenset({"venue:report"}), area="TOWN-A")
A_TOWN: Final = area_of("A", "TOWN")


def refuses_or_hides(*marks: str) -> Check:
    """Expect 403, for a venue's client that is bound to none, or an answer without these."""
    hidden = hides(*marks)
    return lambda world, answer: answer.status_code == 403 or hidden(world, answer)


def report(number: int) -> dict[str, Any]:
    """Return a report of A's with one sample."""
    sample = {"tube_code": f"VENUE-A-{number}", "kind": "surface", "collected_at": COLLECTED}
    return {"report_no": f"REPORT-A-{number}", "day": NOW.date().isoformat(), "samples": [sample]}


async def bound(world: World) -> str:
    """Let A's client file for a unit of A, and file once; return the client's id."""
    client = await world.client("results-ingest", VENUE)
    token = client.headers["Authorization"].partition(" ")[2]
    client_id: str = jwt.decode(token, options={"verify_signature": False})["sub"]
    venue = {"client_id": client_id, "unit_code": "UNIT-A1"}
    await ok((await world.admin("results-ingest")).post("/v1/venues", json=venue))
    await ok(client.post("/v1/venue-reports", json=report(0)))
    return client_id


async def binding(world: World) -> Request:
    """Ask for another client of A's unit."""
    await bound(world)
    return Request(json={"client_id": "venue-client-A9", "unit_code": "UNIT-A1"})


async def ending(world: World) -> Request:
    """Ask for the end of a binding of A's, made for this."""
    venue = {"client_id": "venue-client-A8", "unit_code": "UNIT-A1"}
    await ok((await world.admin("results-ingest")).post("/v1/venues", json=venue))
    return Request({"client_id": "venue-client-A8"})


async def filing(world: World) -> Request:
    """Ask for a report; only a bound client may."""
    await bound(world)
    return Request(json=report(1))


async def listing(world: World) -> Request:
    """Ask for a list in which something of A's stands."""
    await bound(world)
    return Request(query={"limit": "100"})


async def silence(world: World) -> Request:
    """Ask who filed nothing on a day on which A's venue did not."""
    await bound(world)
    return Request(query={"limit": "100", "day": "2030-03-01"})


async def own(world: World) -> Request:
    """Ask for A's reports by unit."""
    await bound(world)
    return Request(query={"unit_code": "UNIT-A1"})


PAIRS: Final[Pairs] = {
    ("POST", "/v1/venues"): (Pair(binding, refuses("venue_outside"), A_TOWN),),
    ("GET", "/v1/venues"): (Pair(listing, hides("UNIT-A1"), A_TOWN, shows("UNIT-A1")),),
    ("DELETE", "/v1/venues/{client_id}"): (Pair(ending, status(404), A_TOWN),),
    ("POST", "/v1/venue-reports"): (Pair(filing, status(403), VENUE, by_row=False),),
    ("GET", "/v1/venue-reports"): (
        Pair(listing, refuses_or_hides("REPORT-A-0"), A_TOWN, shows("REPORT-A-0")),
        Pair(own, refuses_or_hides("REPORT-A-0"), VENUE, shows("REPORT-A-0")),
    ),
    ("GET", "/v1/silent-venues"): (
        Pair(silence, hides("UNIT-A1"), A_TOWN, shows("UNIT-A1")),
        Pair(silence, hides("UNIT-A1"), DISTRICT, shows("UNIT-A1")),
    ),
}
