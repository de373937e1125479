"""The pairs of results-ingest's reconciliation, manifests, plans and lists of what is shown."""

from collections.abc import Awaitable, Callable
from typing import Final

from tests.system.people import ok
from tests.system.scope.ingest_pairs import HIDDEN, LAB, refuses_or_hides
from tests.system.scope.pairs import (
    Pair,
    Pairs,
    Request,
    ask,
    hides,
    listed,
    of,
    refuses,
    shows,
    status,
    whole_district,
)
from tests.system.scope.world import COLLECTED, World, area_of, at, lab_of, tube

DAY: Final = {"day": COLLECTED[:10]}
DAYS: Final = {"from": COLLECTED[:10], "to": COLLECTED[:10]}
VOID: Final = {"reason": "leaked", "voided_at": at(hour=9)}


async def listed_by_a(world: World) -> Request:
    """Ask for the days of laboratories after LAB-A has said what it tested."""
    said = {"manifest_no": "MANIFEST-A", "day": COLLECTED[:10], "tube_codes": ["TUBE-A-listed"]}
    answer = await (await world.client("results-ingest", LAB)).post("/v1/manifests", json=said)
    assert answer.is_success, answer.text
    return Request(query=DAYS)


# The cause of a sample is worked out with full sight (decision 0040): rows alone cannot refuse.
SAMPLES: Final[Pairs] = {
    ("GET", "/v1/reconciliation"): (
        Pair(ask(query=DAY | {"by": "site"}), lambda _, answer: "SITE-A" not in answer.text,
             owns=shows("SITE-A"), by_row=False),
        Pair(ask(query=DAY | {"by": "lab"}), lambda _, answer: "LAB-A" not in answer.text,
             owns=shows("LAB-A"), by_row=False),
    ),
    ("GET", "/v1/reconciliation/samples"): tuple(
        Pair(each.ask, each.refused, each.owner, each.owns, by_row=False)
        for each in listed("TUBE-A", "THING-A", filters=(DAY, DAY | {"lab_code": "LAB-A"}, DAY | {"site_code": "SITE-A"}))
    ),
    ("POST", "/v1/tubes/{tube_code}/voiding"): (
        Pair(ask(of(tube_code="TUBE-A"), body=VOID), HIDDEN, owns=status(409)),
    ),
    ("POST", "/v1/manifests"): (
        Pair(ask(body={"manifest_no": "MANIFEST-C", "day": COLLECTED[:10], "tube_codes": ["TUBE-A"]}),
             status(201, 200, 403), LAB),
    ),
    ("GET", "/v1/manifests/totals"): (Pair(listed_by_a, refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), by_row=False),),
    ("GET", "/v1/manifests/differences"): (
        Pair(listed_by_a, refuses_or_hides("TUBE-A-listed"), LAB, shows("TUBE-A-listed"), by_row=False),
    ),
    ("POST", "/v1/manifests/explanations"): (
        Pair(ask(body={"day": COLLECTED[:10], "kind": "not_uploaded", "tube_codes": ["TUBE-A-listed"],
                       "reason": "retest"}), status(403, 422), LAB, by_row=False),
    ),
}  # fmt: skip

ROUND: Final = of(round_code="ROUND-A")
SITE_A: Final = of(round_code="ROUND-A", site_code="SITE-A")
PLAN: Final = {"day": COLLECTED[:10], "sites": [{"site_code": "SITE-A", "expected": 3}]}
READY: Final = {"ready_at": at(hour=9), "staff": 2}
POSTING: Final = {
    "team_code": "TEAM-A1",
    "site_code": "SITE-A",
    "begins_at": at(hour=7),
    "ends_at": at(hour=11),
}
SHOWN: Final = {"as_of": at(hour=9), "people": [{"health_code_id": "HC-A-0000", "display": "none"}]}


def after_posting(query: dict[str, str]) -> Callable[[World], Awaitable[Request]]:
    """Ask after A's team was posted at A's site."""

    async def made(world: World) -> Request:
        sampling = await world.client("results-ingest", area_of("A", "TOWN"))
        answer = await sampling.put("/v1/team-postings", json={"postings": [POSTING]})
        assert answer.is_success, answer.text
        return Request(query=query)

    return made


INTAKE: Final[Pairs] = {
    ("PUT", "/v1/team-postings"): (
        Pair(ask(body={"postings": [POSTING]}), refuses("posting_site_unknown", "posting_team_unknown")),
    ),
    ("GET", "/v1/team-postings"): (
        Pair(after_posting(DAY), hides("TEAM-A1", "SITE-A"), owns=shows("TEAM-A1", "SITE-A")),
    ),
    ("GET", "/v1/team-figures"): (
        Pair(after_posting(DAY), hides("TEAM-A1"), owns=shows("TEAM-A1"), by_row=False),
        Pair(after_posting({"round_code": "ROUND-A"}), hides("TEAM-A1"), owns=shows("TEAM-A1"), by_row=False),
    ),
    ("PUT", "/v1/intake-plans"): (Pair(ask(body=PLAN), refuses("plan_site_unknown")),),
    ("GET", "/v1/intake-counts"): (
        Pair(
            ask(query=DAY), lambda _, answer: "SITE-A" not in answer.text, owns=shows("SITE-A"), by_row=False
        ),
    ),
    ("GET", "/v1/rounds"): tuple(
        Pair(each.ask, each.refused, each.owner, each.owns, by_row=False) for each in listed("ROUND-A")
    ),
    ("GET", "/v1/rounds/{round_code}"): (Pair(ask(ROUND), HIDDEN, by_row=False),),
    ("GET", "/v1/rounds/{round_code}/grids"): (Pair(ask(ROUND), HIDDEN, by_row=False),),
    ("GET", "/v1/rounds/{round_code}/sites"): (Pair(ask(ROUND), HIDDEN, by_row=False),),
    ("POST", "/v1/rounds/{round_code}/sites/{site_code}/readiness"): (
        Pair(ask(SITE_A, body=READY), HIDDEN, by_row=False),
    ),
    ("POST", "/v1/shown-lists"): whole_district(body=SHOWN),
}


async def build(world: World) -> None:
    """Give both sides a void tube, a manifest that is explained, a plan of their site, and its readiness."""
    intake = await world.admin("results-ingest")
    await world.system.settle()
    for side in "AB":
        lab = await world.client("results-ingest", lab_of(side))
        site = f"SITE-{side}"
        await ok(
            intake.post(
                "/v1/tubes", json=tube(f"TUBE-{side}-void", side, {"health_code_id": f"HC-{side}-0009"})
            )
        )
        await ok(intake.post(f"/v1/tubes/TUBE-{side}-void/voiding", json=VOID))
        told = {"day": COLLECTED[:10], "tube_codes": [f"TUBE-{side}-told"]}
        await ok(lab.post("/v1/manifests", json=told | {"manifest_no": f"MANIFEST-{side}0"}))
        why = {"kind": "not_uploaded", "reason": "retest"}
        await ok(lab.post("/v1/manifests/explanations", json=told | why))
        sites = [{"site_code": site, "expected": 3}]
        plan = {"day": COLLECTED[:10], "round_code": f"ROUND-{side}", "sites": sites}
        await ok(intake.put("/v1/intake-plans", json=plan))
        goods = {"lot_code": f"LOT-{side}", "unit_code": f"UNIT-{side}1", "goods": "container"}
        await ok(intake.post("/v1/lots", json=goods | {"arrived_at": COLLECTED}))
        await ok(intake.post(f"/v1/lots/LOT-{side}/tubes", json={"tube_codes": [f"THING-{side}"]}))
        await ok(intake.post(f"/v1/lots/LOT-{side}/steps", json={"kind": "reported", "at": COLLECTED}))
        posting = POSTING | {"team_code": f"TEAM-{side}1", "site_code": site}
        await ok(intake.put("/v1/team-postings", json={"postings": [posting]}))
        await ok(intake.post(f"/v1/rounds/ROUND-{side}/sites/{site}/readiness", json=READY))
    await world.system.settle()
