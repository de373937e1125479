"""The pairs of referrals: a patient whom one institution of A sends to another."""

from typing import Final

from tests.system.people import ok
from tests.system.scope.pairs import A_TOWN, Pair, Pairs, Request, hides, refuses, shows, status
from tests.system.scope.world import NAMES, PHONES, World, at

HIDDEN: Final = status(404)
SIDES: Final = {"from_unit_code": "UNIT-A1", "to_unit_code": "UNIT-A2"}


def patient(number: int) -> dict[str, str]:
    """Return somebody whom nobody knows yet."""
    return {"id_type": "passport", "id_no": f"E1{number:07}", "name": NAMES[1], "phone": PHONES[1]}


async def new_report(world: World) -> Request:
    """Ask to report a patient of A's institution."""
    admin = await world.admin()
    await ok(admin.patch("/v1/units/UNIT-A2", json={"attributes": {"fever_clinic": "standard"}}))
    world.ids[f"patient {len(world.ids)}"] = ""
    body = SIDES | {"patient": patient(len(world.ids)), "reported_at": at(minute=0), "complaint": NAMES[0]}
    return Request(json=body)


async def fresh(world: World) -> Request:
    """Ask for a referral of A, reported for this."""
    made = await ok((await world.admin()).post("/v1/referrals", json=(await new_report(world)).json))
    return Request({"referral_id": made["referral"]["referral_id"]})


async def followed(world: World) -> Request:
    """Ask to record a call."""
    return Request((await fresh(world)).path, json={"outcome": "on_the_way", "note": "已上车"})


async def arrived(world: World) -> Request:
    """Ask to record the arrival."""
    return Request((await fresh(world)).path, json={"at": at(minute=0)})


async def cancelled(world: World) -> Request:
    """Ask to take it back."""
    return Request((await fresh(world)).path, json={"reason": "误报"})


async def two(world: World) -> Request:
    """Ask for the referrals, of which A has some."""
    for _ in range(2):
        await fresh(world)
    return Request()


async def after_the_first(world: World) -> Request:
    """Go on from where A's list stopped."""
    await two(world)
    first = await (await world.client("registry", A_TOWN)).get("/v1/referrals", params={"limit": "1"})
    return Request(query={"cursor": first.json()["next_cursor"]})


REFERRALS: Final[Pairs] = {
    ("POST", "/v1/referrals"): (
        Pair(new_report, refuses("unknown_unit_code"), by_row=False, against=("area",)),
    ),
    ("GET", "/v1/referrals"): (
        Pair(two, hides("UNIT-A1", "UNIT-A2"), A_TOWN, shows("UNIT-A1", "UNIT-A2")),
        Pair(after_the_first, hides("UNIT-A1", "UNIT-A2"), A_TOWN, shows("UNIT-A1")),
    ),
    ("GET", "/v1/referral-report"): (Pair(two, hides("UNIT-A1"), A_TOWN, shows("UNIT-A1")),),
    ("GET", "/v1/referrals/{referral_id}"): (Pair(fresh, HIDDEN),),
    ("POST", "/v1/referrals/{referral_id}/follow-ups"): (Pair(followed, HIDDEN),),
    ("POST", "/v1/referrals/{referral_id}/arrival"): (Pair(arrived, HIDDEN),),
    ("POST", "/v1/referrals/{referral_id}/cancellation"): (Pair(cancelled, HIDDEN),),
}
