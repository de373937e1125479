"""Packets from the seal to the laboratory: lists, handovers, three counts, receipt, refusal, replay."""

import asyncio
import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import TextClause, text

from results_ingest.packets import queries
from shared.db import json_of
from tests.results_ingest.support import Ingest

SITE = {"site_code": "SITE-01", "name": "高速东口", "kind": "checkpoint", "township_code": "TOWN-01"}


def packet(ingest: Ingest, code: str, *tubes: str, **more: Any) -> dict[str, Any]:
    return {
        "packet_code": code,
        "site_code": "SITE-01",
        "lab_code": "LAB01",
        "sealed_at": ingest.at(hours=-4),
        "sealer_code": "S-1",
        "samples": len(tubes),
        "paper_forms": len(tubes),
        "tube_codes": list(tubes),
        **more,
    }


def receipt(ingest: Ingest, samples: int, **more: Any) -> dict[str, Any]:
    said = {"received_at": ingest.at(hours=-3), "receiver_code": "R-1"}
    return {**said, "samples": samples, "paper_forms": samples, **more}


async def begun(ingest: Ingest, *tubes: str) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """Register the site, the laboratory and these tubes; return the site's and the laboratory's client."""
    answer = await ingest.sampling.post("/v1/sites", json=SITE)
    assert answer.is_success, answer.text
    for number, code in enumerate(tubes):
        made = await ingest.bind(code, {"health_code_id": f"hc-{number:04}"}, site_code="SITE-01")
        assert made.status_code == 201, made.text
    return ingest.sampling, await ingest.lab("LAB01")


async def sealed(ingest: Ingest, code: str, *tubes: str, **more: Any) -> dict[str, Any]:
    answer = await ingest.sampling.post("/v1/packets", json=packet(ingest, code, *tubes, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.mark.requirement(64)
async def test_a_packet_goes_from_its_seal_to_the_laboratory_and_keeps_every_step(ingest: Ingest) -> None:
    site, lab = await begun(ingest, "T-1", "T-2")
    made = await sealed(ingest, "P-1", "T-1", "T-2")
    assert (made["state"], made["counts"]["listed"], made["counts"]["electronic"]) == ("sealed", 2, 2)
    handover = {"handed_at": ingest.at(hours=-3.5), "courier_code": "C-1"}
    handed = await site.post("/v1/packets/P-1/handovers", json=handover)
    assert (handed.status_code, handed.json()["state"]) == (201, "handed")
    assert (await site.post("/v1/packets/P-1/handovers", json=handover)).status_code == 200
    received = await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2))
    assert (received.status_code, received.json()["state"]) == (201, "closed")
    assert (await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2))).status_code == 200
    steps = (await lab.get("/v1/packets/P-1")).json()["steps"]
    assert [step["kind"] for step in steps] == ["sealed", "handed", "received"]
    assert (steps[0]["sealer_code"], steps[2]["client_id"]) == ("S-1", "client-LAB01")
    listed = (await lab.get("/v1/packets/P-1/tubes")).json()["tubes"]
    assert [(each["tube_code"], each["registered"]) for each in listed] == [("T-1", True), ("T-2", True)]


@pytest.mark.requirement(65)
async def test_counts_that_differ_block_the_close_and_are_listed_until_explained(ingest: Ingest) -> None:
    _, lab = await begun(ingest, "T-1")
    await sealed(ingest, "P-1", "T-1", "T-2")
    got = (await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 1, paper_forms=2))).json()
    assert got["state"] == "received"
    assert got["differences"] == [
        {"count": "samples", "stated": 1, "expected": 2},
        {"count": "electronic", "stated": 1, "expected": 2},
    ]
    blocked = (await lab.get("/v1/packets", params={"state": "received"})).json()["packets"]
    assert [each["packet_code"] for each in blocked] == ["P-1"]
    closing = {"closed_at": ingest.at(hours=-2), "by_code": "R-1", "missing": ["T-2"]}
    answer = await lab.post("/v1/packets/P-1/closing", json=closing | {"note": "漏装"})
    assert (answer.status_code, answer.json()["code"]) == (409, "packet_counts_differ")
    assert [each["field"] for each in answer.json()["errors"]] == ["electronic"]
    await ingest.bind("T-2", {"health_code_id": "hc-0009"}, site_code="SITE-01")
    unexplained = await lab.post("/v1/packets/P-1/closing", json=closing)
    assert [each["field"] for each in unexplained.json()["errors"]] == ["missing"]
    done = await lab.post("/v1/packets/P-1/closing", json=closing | {"note": "漏装"})
    assert (done.status_code, done.json()["state"], done.json()["differences"]) == (201, "closed", [])
    last = (await lab.get("/v1/packets/P-1")).json()["steps"][-1]
    assert (last["kind"], last["note"], last["missing"]) == ("closed", "漏装", ["T-2"])
    stored = await ingest.run("SELECT content::text AS said FROM ingest.packet_step")
    assert "漏装" not in str(stored)
    # What was missing has turned up and travels again.
    await sealed(ingest, "P-2", "T-2")


@pytest.mark.requirement(65)
async def test_extra_tubes_are_added_to_the_list_and_need_an_answer(ingest: Ingest) -> None:
    _, lab = await begun(ingest, "T-1", "T-2", "T-3")
    await sealed(ingest, "P-1", "T-1")
    await sealed(ingest, "P-2", "T-3")
    answer = await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2, extra=["T-3"]))
    assert (answer.status_code, answer.json()["code"]) == (422, "tube_in_other_packet")
    got = (await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2, extra=["T-2"]))).json()
    assert got["differences"] == [{"count": "extra", "stated": 1, "expected": 0}]
    closing = {"closed_at": ingest.at(hours=-2), "by_code": "R-1", "note": "清单漏登"}
    assert (await lab.post("/v1/packets/P-1/closing", json=closing)).json()["state"] == "closed"


@pytest.mark.requirement(64)
async def test_a_refused_packet_has_its_reason_and_its_tubes_are_sealed_again(ingest: Ingest) -> None:
    _, lab = await begun(ingest, "T-1")
    await sealed(ingest, "P-1", "T-1")
    other = await ingest.sampling.post("/v1/packets", json=packet(ingest, "P-2", "T-1"))
    assert (other.status_code, other.json()["code"]) == (422, "tube_in_other_packet")
    refusal = {"refused_at": ingest.at(hours=-3), "receiver_code": "R-1", "reason": "leaking", "note": "渗漏"}
    answer = await lab.post("/v1/packets/P-1/refusal", json=refusal)
    assert (answer.status_code, answer.json()["state"]) == (201, "refused")
    assert (await lab.post("/v1/packets/P-1/refusal", json=refusal)).status_code == 200
    late = await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 1))
    assert (late.status_code, late.json()["code"]) == (409, "packet_state")
    await sealed(ingest, "P-2", "T-1")


async def test_the_same_packet_again_is_200_and_other_content_409(ingest: Ingest) -> None:
    site, _ = await begun(ingest)
    await ingest.lab("LAB01")
    await sealed(ingest, "P-1", "T-1")
    again = await site.post("/v1/packets", json=packet(ingest, "P-1", "T-1"))
    assert again.status_code == 200
    other = await site.post("/v1/packets", json=packet(ingest, "P-1", "T-1", "T-2"))
    assert (other.status_code, other.json()["code"]) == (409, "packet_code_in_use")


async def test_what_is_unknown_repeated_or_later_than_the_seal_is_refused_by_name(ingest: Ingest) -> None:
    site, _ = await begun(ingest, "T-1")
    for more, tubes, field, code in (
        ({"site_code": "SITE-9"}, ("T-1",), "site_code", "site_unknown"),
        ({"lab_code": "LAB-9"}, ("T-1",), "lab_code", "lab_unknown"),
        ({}, ("T-1", "T-1"), "tube_codes.1", "tube_repeated"),
        ({"sealed_at": ingest.at(hours=-6)}, ("T-2", "T-1"), "tube_codes.1", "sealed_before_collected"),
        ({"sealed_at": ingest.at(hours=1)}, ("T-1",), "sealed_at", "time_in_future"),
    ):
        answer = await site.post("/v1/packets", json=packet(ingest, "P-1", *tubes, **more))
        assert answer.status_code == 422, answer.text
        assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


@pytest.mark.requirement(68)
@pytest.mark.requirement(82)
async def test_steps_of_an_outage_are_told_later_with_their_times_and_impossible_ones_refused(
    ingest: Ingest,
) -> None:
    site, lab = await begun(ingest)
    await sealed(ingest, "P-1", "T-1")
    early = await lab.post(
        "/v1/packets/P-1/receipt", json=receipt(ingest, 1, received_at=ingest.at(hours=-4.1))
    )
    assert [each["code"] for each in early.json()["errors"]] == ["step_before_earlier"]
    ahead = await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 1, received_at=ingest.at(hours=1)))
    assert [each["code"] for each in ahead.json()["errors"]] == ["time_in_future"]
    got = await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 1))
    assert got.json()["differences"] == [{"count": "electronic", "stated": 0, "expected": 1}]
    handover = {"handed_at": ingest.at(hours=-2), "courier_code": "C-1"}
    late = await site.post("/v1/packets/P-1/handovers", json=handover)
    assert [each["code"] for each in late.json()["errors"]] == ["step_after_later"]
    handover["handed_at"] = ingest.at(hours=-3.5)
    replayed = await site.post("/v1/packets/P-1/handovers", json=handover)
    assert (replayed.status_code, replayed.json()["state"]) == (201, "received")
    # Registered offline at the site, told hours later: the time of sampling is the real one.
    await ingest.bind(
        "T-1", {"health_code_id": "hc-0001"}, site_code="SITE-01", collected_at=ingest.at(hours=-5)
    )
    closing = {"closed_at": ingest.at(), "by_code": "R-1"}
    assert (await site.post("/v1/packets/P-1/closing", json=closing)).json()["state"] == "closed"
    shown = (await site.get("/v1/tubes/T-1")).json()
    assert shown["packet"]["packet_code"] == "P-1"
    assert (shown["stands"], shown["faults"]) == ("delivered", [])
    assert shown["stamps"]["delivered_at"] == ingest.at(hours=-3)
    assert shown["registered_at"] > shown["stamps"]["delivered_at"]


async def test_two_receipts_of_one_packet_at_once_are_one_receipt(ingest: Ingest) -> None:
    _, lab = await begun(ingest, "T-1")
    await sealed(ingest, "P-1", "T-1")
    bodies = [receipt(ingest, 1, receiver_code=f"R-{number % 2}") for number in range(8)]
    answers = await asyncio.gather(*(lab.post("/v1/packets/P-1/receipt", json=body) for body in bodies))
    found = sorted(answer.status_code for answer in answers)
    assert found == [200] * 3 + [201] + [409] * 4
    assert len((await lab.get("/v1/packets/P-1")).json()["steps"]) == 2


async def test_packets_at_once_that_share_a_tube_leave_it_in_one(ingest: Ingest) -> None:
    site, _ = await begun(ingest)
    lists = [packet(ingest, f"P-{n}", "T-1", f"T-x{n}") for n in range(6)]
    answers = await asyncio.gather(*(site.post("/v1/packets", json=each) for each in lists))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422, 422]
    assert len(await ingest.run("SELECT packet_id FROM ingest.packet_tube")) == 2


async def test_a_mass_tests_lists_are_judged_one_by_one(ingest: Ingest) -> None:
    site, _ = await begun(ingest)
    lists = [packet(ingest, f"P-{n}", *(f"T-{n}-{each}" for each in range(100))) for n in range(100)]
    lists[3]["lab_code"] = "LAB-9"
    lists[4]["tube_codes"][0] = "T-5-0"
    lists[6]["samples"] = "hundred"
    answer = (await site.post("/v1/packet-lists", json={"packets": lists})).json()
    assert (answer["accepted"], answer["rejected"]) == (97, 3)
    taken = {(each["row"], each["code"]) for each in answer["errors"]}
    assert taken >= {(4, "lab_unknown"), (7, "wrong_type")}
    assert ("tube_in_other_packet" in {code for _, code in taken}) is True
    again = (await site.post("/v1/packet-lists", json={"packets": lists})).json()
    assert (again["accepted"], again["updated"], again["rejected"]) == (0, 97, 3)
    many = {
        "packets": [packet(ingest, f"Q-{n}", *(f"Q-{n}-{each}" for each in range(4001))) for n in range(5)]
    }
    assert (await site.post("/v1/packet-lists", json=many)).status_code == 413


def mass(ingest: Ingest, name: str) -> list[dict[str, Any]]:
    """Return a list of 20,000 tubes."""
    return [
        packet(ingest, f"P-{name}-{n}", *(f"{name}-{n:03}-{each:03}" for each in range(200)))
        for n in range(100)
    ]


async def test_a_second_list_of_twenty_thousand_tubes_never_compares_every_row_with_every_code(
    ingest: Ingest,
) -> None:
    site, _ = await begun(ingest)
    lists = [mass(ingest, name) for name in "AAB"]
    told = [(await site.post("/v1/packet-lists", json={"packets": each})).json() for each in lists]
    counts = [(each["accepted"], each["updated"], each["rejected"]) for each in told]
    assert counts == [(100, 0, 0), (0, 100, 0), (100, 0, 0)]

    codes = {"codes": [code for each in mass(ingest, "C") for code in each["tube_codes"]]}
    before = {"before": datetime.fromisoformat(ingest.at(days=-180))}
    for statement, parameters in ((queries.LET_GO, codes | before), (queries.TUBES, codes)):
        plan = await explained(ingest, statement, parameters)
        # Each stored row and each code a few times, never one for every other.
        assert looked_at(plan) < 10 * 60_000, json.dumps(plan, indent=1)
        assert "ANY" not in json.dumps(plan), json.dumps(plan, indent=1)


async def explained(ingest: Ingest, statement: TextClause, parameters: dict[str, Any]) -> dict[str, Any]:
    async with ingest.context.db.transaction() as session:
        explaining = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
        told = json_of((await session.execute(explaining, parameters)).scalar())
    plan: dict[str, Any] = told[0]["Plan"]
    return plan


def looked_at(plan: dict[str, Any]) -> float:
    """Return how many rows the steps of a plan went over, those that did not fit included."""
    removed = sum(rows for name, rows in plan.items() if name.startswith("Rows Removed by"))
    own = plan["Actual Loops"] * (plan["Actual Rows"] + removed)
    return float(own) + sum(looked_at(each) for each in plan.get("Plans", ()))


@pytest.mark.parametrize(("days", "status"), [(100, 422), (200, 201)])
async def test_a_tube_code_travels_again_once_it_stands_for_another_tube(
    ingest: Ingest, days: int, status: int
) -> None:
    site, _ = await begun(ingest)
    await sealed(ingest, "P-1", "T-1", sealed_at=ingest.at(days=-days))
    again = await site.post("/v1/packets", json=packet(ingest, "P-2", "T-1"))
    assert again.status_code == status


async def test_a_laboratory_sees_its_own_packets_and_a_township_those_of_its_sites(ingest: Ingest) -> None:
    await begun(ingest, "T-1")
    await sealed(ingest, "P-1", "T-1")
    other = await ingest.lab("LAB02")
    theirs = ingest.client("t2", "admin", area_code="TOWN-02", area_level="township")
    ours = ingest.client("t1", "admin", area_code="TOWN-01", area_level="township")
    for stranger in (other, theirs):
        assert (await stranger.get("/v1/packets")).json()["packets"] == []
        assert (await stranger.get("/v1/packets/P-1")).status_code == 404
        assert (await stranger.get("/v1/packets/P-1/tubes")).status_code == 404
        assert (await stranger.post("/v1/packets/P-1/receipt", json=receipt(ingest, 1))).status_code == 404
    outside = await theirs.post("/v1/packets", json=packet(ingest, "P-2", "T-2"))
    assert [each["code"] for each in outside.json()["errors"]] == ["outside_area"]
    assert (await ours.get("/v1/packets/P-1")).json()["counts"]["electronic"] == 1
    assert len((await ours.get("/v1/packets")).json()["packets"]) == 1


async def test_no_step_of_a_packet_can_be_changed(ingest: Ingest) -> None:
    await begun(ingest)
    await sealed(ingest, "P-1", "T-1")
    for statement in (
        "UPDATE ingest.packet_step SET at = now()",
        "DELETE FROM ingest.packet_step",
    ):
        with pytest.raises(Exception, match=r"append|refuse|change"):
            await ingest.run(statement)
