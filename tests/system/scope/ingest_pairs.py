"""The pairs of results-ingest."""

from typing import Any, Final

import httpx

from tests.system.scope import venue_pairs
from tests.system.scope.pairs import (
    Check,
    Pair,
    Pairs,
    Request,
    ask,
    continued,
    hides,
    listed,
    of,
    refuses,
    rejects,
    shared,
    shows,
    status,
    whole_district,
)
from tests.system.scope.registry_pairs import OPERATION, dead_letters
from tests.system.scope.world import COLLECTED, DISTRICT, World, area_of, at, lab_of, packet, thing, tube

HIDDEN: Final = status(404)
LAB: Final = lab_of("A")
BATCH: Final = of(batch_id="BATCH-A-0")
A_BATCHES: Final = ("BATCH-A-0", "BATCH-A-1")
OUTSIDE: Final = refuses("outside_area")
A_TOWN: Final = area_of("A", "TOWN")
A_DAY: Final = {"limit": "100"}
A_HOLD: Final = {"hold_code": "HOLD-C", "received_from": at(hour=0), "reason": "调查"}


def batch(world: World, **corrects: Any) -> dict[str, Any]:
    """Return a batch whose row corrects one of A's."""
    named = {name: world.ids[value] if name == "result_id" else value for name, value in corrects.items()}
    row = {"health_code_id": "HC-B-0003", "outcome": "negative", "tested_at": at(hour=11)}
    number = "-".join(corrects)
    return {
        "batch_no": f"CORRECTS-{number}",
        "results": [row | {"corrects": {**named, "reason": "录入有误"}}],
    }


async def fresh_mapping(world: World) -> Request:
    """Ask for a mapping of LAB-A's, made for this."""
    client = await world.client("results-ingest", LAB)
    saved = await client.put("/v1/sheets/results/mappings/MAPPING-A9", json={"columns": {"管": "tube_code"}})
    assert saved.is_success, saved.text
    return Request({"name": "MAPPING-A9"})


async def next_changes(world: World) -> Request:
    """Go on from where A's first page of changes has ended."""
    client = await world.client("results-ingest", LAB)
    first = (await client.get("/v1/row-changes", params={"limit": "1"})).json()
    assert first["more"]
    return Request(query={"limit": "100", "cursor": first["next_cursor"]})


def own_hook(_: World, answer: httpx.Response) -> bool:
    """Expect an address of one's own, or none."""
    return "HOOK-A" not in answer.text and answer.status_code in (200, 404)


def accepts_nothing(code: str) -> Check:
    """Expect that laboratories have every row rejected, and that who is none is refused."""
    rejected = rejects(code)
    return lambda world, answer: answer.status_code == 403 or rejected(world, answer)


def refuses_or_hides(*marks: str) -> Check:
    """Expect 403, which the database cannot give, or an answer without these."""
    hidden = hides(*marks)
    return lambda world, answer: answer.status_code == 403 or hidden(world, answer)


BATCHES: Final[Pairs] = {
    ("POST", "/v1/batches"): (
        Pair(ask(body=lambda world: batch(world, result_id="result A")),
             accepts_nothing("corrects_not_found"), LAB),
        Pair(ask(body=lambda world: batch(world, batch_no="BATCH-A-1", row=1)),
             accepts_nothing("corrects_not_found"), LAB),
    ),
    ("GET", "/v1/batches"): (
        *listed(*A_BATCHES, owner=LAB, filters=({}, {"lab_code": "LAB-A"}, {"batch_no": "BATCH-A-0"})),
        continued("results-ingest /v1/batches", *A_BATCHES, owner=LAB),
    ),
    ("GET", "/v1/batches/{batch_id}"): (Pair(ask(BATCH), HIDDEN, LAB),),
    ("GET", "/v1/figures"): (
        Pair(ask(query={"limit": "100"}), refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), ("area",)),
        Pair(ask(query={"limit": "100"}), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",)),
        Pair(ask(query={"lab_code": "LAB-A"}), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",)),
    ),
    ("GET", "/v1/batches/{batch_id}/rows"): (
        Pair(ask(BATCH), HIDDEN, LAB),
        Pair(ask(BATCH, query={"verdict": "matched"}), HIDDEN, LAB),
    ),
    ("GET", "/v1/batches/{batch_id}/outcomes"): (
        *(Pair(ask(BATCH, query={"format": form}), HIDDEN, LAB) for form in ("csv", "xlsx", "ndjson")),
    ),
    ("GET", "/v1/daily-totals"): (
        Pair(ask(query=A_DAY), refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), ("area",)),
        Pair(ask(query=A_DAY), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",)),
        Pair(ask(query=A_DAY | {"lab_code": "LAB-A"}), hides('"LAB-A"'), LAB, shows("LAB-A"), ("lab",)),
    ),
    ("GET", "/v1/batches/{batch_id}/original"): (Pair(ask(BATCH), HIDDEN, LAB),),
    ("GET", "/v1/batches/{batch_id}/original/content"): (Pair(ask(BATCH), HIDDEN, LAB),),
    ("GET", "/v1/retention"): whole_district(),
    ("GET", "/v1/retention/drops"): whole_district(),
    ("GET", "/v1/retention/holds"): whole_district(),
    ("POST", "/v1/retention/holds"): whole_district(body=A_HOLD),
    ("POST", "/v1/retention/holds/{hold_code}/release"): whole_district(
        of(hold_code="HOLD-A"), body={"reason": "已结束"}
    ),
    ("GET", "/v1/row-changes"): (
        Pair(ask(query=A_DAY), refuses_or_hides("LAB-A"), LAB, shows("LAB-A"), ("area",)),
        Pair(ask(query=A_DAY), hides("LAB-A"), LAB, shows("LAB-A"), ("lab",)),
        Pair(ask(query=A_DAY | {"lab_code": "LAB-A"}), hides('"LAB-A"'), LAB, shows("LAB-A"), ("lab",)),
        Pair(next_changes, hides("LAB-A"), LAB, shows("LAB-A"), ("lab",)),
    ),
    # A laboratory's own address has no name: whoever asks gets its own.
    ("PUT", "/v1/webhook"): (
        Pair(ask(body={"url": "https://127.0.0.9/HOOK-C"}), status(200), None, against=("lab",)),
    ),
    ("GET", "/v1/webhook"): (Pair(ask(), own_hook, LAB, shows("HOOK-A"), ("lab",)),),
    ("POST", "/v1/webhook/secret"): (Pair(ask(body={}), own_hook, None, against=("lab",)),),
    ("DELETE", "/v1/webhook"): (Pair(ask(), status(204, 404), None, against=("lab",)),),
    ("GET", "/v1/webhook-deliveries"): (
        Pair(ask(query=A_DAY), refuses_or_hides(*A_BATCHES), LAB, shows(*A_BATCHES), ("area",)),
        Pair(ask(query=A_DAY), hides(*A_BATCHES), LAB, shows(*A_BATCHES), ("lab",)),
        continued("results-ingest /v1/webhook-deliveries", *A_BATCHES, owner=LAB, against=("lab",)),
    ),
    ("POST", "/v1/webhook-deliveries/{batch_id}/resend"): (
        Pair(ask(BATCH), HIDDEN, LAB, status(202), ("lab",)),
    ),
    ("GET", "/v1/batches/{batch_id}/sheet"): (
        Pair(ask(of(batch_id="SHEET-A")), HIDDEN, LAB, shows("TUBE-SHEET-A")),
    ),
    ("GET", "/v1/sheets/results/template"): shared(),
    ("GET", "/v1/sheets/results/mappings"): listed("MAPPING-A", owner=LAB, against=("lab",)),
    ("PUT", "/v1/sheets/results/mappings/{name}"): (
        Pair(ask(of(name="MAPPING-C"), body={"columns": {"管": "tube_code"}}), status(200), LAB, against=("lab",)),
    ),
    ("DELETE", "/v1/sheets/results/mappings/{name}"): (
        Pair(fresh_mapping, HIDDEN, LAB, status(204), against=("lab",)),
    ),
}  # fmt: skip

LABS: Final[Pairs] = {
    ("POST", "/v1/labs"): whole_district(body={"lab_code": "LAB-C", "name": "检测机构"}),
    ("GET", "/v1/labs"): (*listed("LAB-A", owner=LAB, against=("lab",)), *shared()),
    ("GET", "/v1/labs/{lab_code}"): (Pair(ask(of(lab_code="LAB-A")), HIDDEN, LAB, against=("lab",)),),
    ("PATCH", "/v1/labs/{lab_code}"): whole_district(of(lab_code="LAB-A"), body={"name": "检测机构A"}),
}

TUBES: Final[Pairs] = {
    ("POST", "/v1/tubes"): (
        Pair(ask(body=tube("TUBE-A8", "A", {"health_code_id": "HC-A-0001"})), OUTSIDE, A_TOWN),
        Pair(ask(body=thing("THING-A8", "A") | {"site_code": "SITE-B"}), OUTSIDE, DISTRICT),
    ),
    ("POST", "/v1/tubes/bulk"): (
        Pair(ask(body={"tubes": [tube("TUBE-A9", "A"), thing("THING-A9", "A")]}), rejects("outside_area"), A_TOWN),
    ),
    ("POST", "/v1/tubes/{tube_code}/members"): (
        Pair(ask(of(tube_code="TUBE-A8"), body={"members": [{"health_code_id": "HC-A-0001"}]}), HIDDEN),
    ),
    ("GET", "/v1/tubes/{tube_code}"): (Pair(ask(of(tube_code="TUBE-A")), HIDDEN),),
    ("POST", "/v1/sites"): (
        Pair(ask(body={"site_code": "SITE-A9", "name": "采样点", "kind": "community", "township_code": "TOWN-A"}),
             OUTSIDE, A_TOWN),
        Pair(ask(body={"site_code": "SITE-N", "name": "采样点", "kind": "community"}), OUTSIDE, DISTRICT),
    ),
    ("GET", "/v1/sites"): (
        *listed("SITE-A"),
        Pair(ask(query={"limit": "1"}), lambda _, answer: "SITE-A" not in answer.text, DISTRICT),
    ),
}  # fmt: skip

PACKET: Final = of(packet_code="PACKET-A")
A_PACKETS: Final = ("PACKET-A", "PACKET-A2")
HANDED: Final = {"handed_at": COLLECTED, "courier_code": "C-1"}
RECEIVED: Final = {"received_at": at(hour=9), "receiver_code": "R-1", "samples": 0, "paper_forms": 1}
REFUSED: Final = {"refused_at": at(hour=9), "receiver_code": "R-1", "reason": "leaking"}
CLOSED: Final = {"closed_at": at(hour=10), "by_code": "R-1", "samples": 1}
PACKETS: Final[Pairs] = {
    ("POST", "/v1/packets"): (
        Pair(ask(body=packet("PACKET-A9", "A", "TUBE-A7")), OUTSIDE, A_TOWN),
        Pair(ask(body=packet("PACKET-B9", "B", "TUBE-A")), refuses("outside_area", "tube_in_other_packet"), None),
    ),
    ("POST", "/v1/packet-lists"): (
        Pair(ask(body={"packets": [packet("PACKET-A8", "A", "TUBE-A6")]}), rejects("outside_area"), A_TOWN),
    ),
    ("GET", "/v1/packets"): (
        *listed(*A_PACKETS, filters=({}, {"state": "sealed"}, {"site_code": "SITE-A"}, {"lab_code": "LAB-A"})),
        *listed(*A_PACKETS, owner=LAB),
        continued("results-ingest /v1/packets", *A_PACKETS),
    ),
    ("GET", "/v1/packets/{packet_code}"): (Pair(ask(PACKET), HIDDEN), Pair(ask(PACKET), HIDDEN, LAB)),
    ("GET", "/v1/packets/{packet_code}/tubes"): (
        Pair(ask(PACKET), HIDDEN), Pair(ask(PACKET, query={"limit": "1"}), HIDDEN, LAB),
    ),
    ("POST", "/v1/packets/{packet_code}/handovers"): (Pair(ask(PACKET, body=HANDED), HIDDEN),),
    ("POST", "/v1/packets/{packet_code}/receipt"): (Pair(ask(PACKET, body=RECEIVED), HIDDEN, LAB),),
    ("POST", "/v1/packets/{packet_code}/closing"): (Pair(ask(PACKET, body=CLOSED), HIDDEN, LAB),),
    ("POST", "/v1/packets/{packet_code}/refusal"): (
        Pair(ask(of(packet_code="PACKET-A2"), body=REFUSED), HIDDEN, LAB),
    ),
    ("GET", "/v1/stage-times"): listed("SITE-A", filters=({"by": "site"}, {"by": "lab"})),
    ("GET", "/v1/stamp-faults"): listed("THING-A", filters=({}, {"site_code": "SITE-A"})),
    ("GET", "/v1/backlogs"): (
        Pair(ask(), hides("LAB-A"), LAB, against=("lab",)),
        *shared(),
    ),
}  # fmt: skip

CLOCKS: Final[Pairs] = {
    ("GET", "/v1/clocks"): (
        *listed("RUNNING-A", filters=({}, {"site_code": "SITE-A"}, {"lab_code": "LAB-A"}, {"state": "met"})),
        *listed("RUNNING-A", owner=LAB),
        continued("results-ingest /v1/clocks", "RUNNING-A"),
    ),
    ("GET", "/v1/clock-counts"): (
        *listed("SITE-A", filters=({"by": "site"}, {"by": "lab"}, {"by": "category"})),
        *listed("LAB-A", owner=LAB, filters=({"by": "lab"}, {"by": "site"}), against=("lab",)),
    ),
    ("GET", "/v1/clock-limits"): shared(),
    ("GET", "/v1/test-orders"): listed("UNIT-A1", filters=({}, {"kind": "arrival"}, {"state": "resulted"})),
    ("POST", "/v1/clock-limits"): whole_district(
        body={"stage": "handover", "applies_to": "site", "code": "SITE-A", "effective_from": "2035-01-01",
              "limit_minutes": 60, "basis": "通知"}
    ),
}  # fmt: skip

DESK: Final[Pairs] = {
    ("GET", "/v1/unmatched"): listed("unmatched", "HC-A-nobody", owner=DISTRICT, filters=({}, {"kind": "row"})),
    ("POST", "/v1/unmatched/{entry_id}/resolution"): (
        Pair(ask(of(entry_id="unmatched"), body={"decision": "reject", "reason": "查无此人"}), HIDDEN, DISTRICT),
    ),
    ("GET", "/v1/reviews"): (
        *listed("review UNIT-A1", "UNIT-A1", filters=({}, {"state": "open"})),
        *listed("HC-A-0000", owner=DISTRICT),
    ),
    ("GET", "/v1/results/{result_id}/history"): (
        Pair(ask(of(result_id="result A")), HIDDEN, LAB),
        Pair(ask(of(result_id="review UNIT-A1")), HIDDEN),
    ),
    ("POST", "/v1/reviews/{result_id}"): (
        Pair(ask(of(result_id="review UNIT-A1"), body={"verdict": "confirmed", "reviewer": "王医生"}), HIDDEN),
        Pair(ask(of(result_id="review HC-A-0000"), body={"verdict": "confirmed", "reviewer": "王医生"}),
             HIDDEN, DISTRICT),
    ),
}  # fmt: skip

PAIRS: Final[Pairs] = {
    **BATCHES,
    **LABS,
    **TUBES,
    **PACKETS,
    **CLOCKS,
    **DESK,
    **venue_pairs.PAIRS,
    **OPERATION,
    **dead_letters("results-ingest"),
}
