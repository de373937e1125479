"""Every sample has one cause, its body, and the standing of its expectation; manifests find what was not sent."""

from typing import Any

import pytest

from tests.results_ingest.packets.test_packets import begun, packet, receipt
from tests.results_ingest.support import Ingest

DAY = "2030-01-15"


async def causes(ingest: Ingest, **query: str) -> dict[str, tuple[str, str | None]]:
    """Return cause and body of each sample, by tube."""
    answer = await ingest.cdc.get("/v1/reconciliation/samples", params={"day": DAY, **query})
    assert answer.status_code == 200, answer.text
    return {
        each["tube_code"] or f"row {each['row']['row']}": (
            each["cause"],
            each["body"] and ":".join(filter(None, each["body"].values())),
        )
        for each in answer.json()["samples"]
    }


async def standings(ingest: Ingest) -> dict[str, str]:
    found = (await ingest.cdc.get("/v1/reconciliation/samples", params={"day": DAY})).json()["samples"]
    return {each["tube_code"]: each["standing"] for each in found}


async def summary(ingest: Ingest, **query: str) -> dict[str, Any]:
    answer = await ingest.cdc.get("/v1/reconciliation", params={"day": DAY, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.requirement(80)
async def test_every_sample_has_its_cause_and_the_body_whose_turn_it_is(ingest: Ingest) -> None:
    tubes = [f"T-{n}" for n in range(6)]
    site, lab = await begun(ingest, *tubes)
    for number in (4, 5):
        await ingest.person(f"hc-{number:04}")
    await ingest.bind("T-empty", site_code="SITE-01")
    await site.post("/v1/packets", json=packet(ingest, "P-1", "T-1", "T-2", "T-3", "T-ghost"))
    await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 4))
    said = {"manifest_no": "M-1", "day": DAY, "tube_codes": ["T-2", "T-3", "T-4", "T-5"]}
    assert (await lab.post("/v1/manifests", json=said)).status_code == 201
    await ingest.post(
        ingest.row(tube_code="T-3"),
        ingest.row(tube_code="T-4"),
        ingest.row(tube_code="T-5", outcome="invalid"),
        ingest.row(tube_code="T-stray", collected_at=ingest.at(hours=-4)),
        ingest.row(health_code_id="hc-nobody", collected_at=ingest.at(hours=-4)),
    )
    assert await causes(ingest) == {
        "T-0": ("not_received", "site:SITE-01"),
        "T-1": ("not_tested", "lab:LAB01"),
        "T-2": ("not_uploaded", "lab:LAB01"),
        "T-3": ("not_matched", "site:SITE-01"),
        "T-4": ("display_delay", None),
        "T-5": ("invalid", "site:SITE-01"),
        "T-empty": ("not_bound", "site:SITE-01"),
        "T-ghost": ("not_bound", "site:SITE-01"),
        "T-stray": ("not_bound", "lab:LAB01"),
        "row 5": ("not_matched", "lab:LAB01"),
    }
    counted = await summary(ingest)
    assert (counted["samples"], sum(counted["causes"].values())) == (10, 10)
    assert {each["code"]: each["causes"] for each in counted["groups"]} == {
        "site:SITE-01": {"not_bound": 2, "not_received": 1, "not_matched": 1, "invalid": 1},
        "lab:LAB01": {"not_bound": 1, "not_tested": 1, "not_uploaded": 1, "not_matched": 1},
    }
    by_lab = {each["code"]: each["samples"] for each in (await summary(ingest, by="lab"))["groups"]}
    assert by_lab == {"LAB01": 8}
    assert set(await causes(ingest, body_type="lab", body_code="LAB01", cause="not_tested")) == {"T-1"}
    first = (await ingest.cdc.get("/v1/reconciliation/samples", params={"day": DAY, "limit": 7})).json()
    rest = {"day": DAY, "cursor": first["next_cursor"]}
    then = (await ingest.cdc.get("/v1/reconciliation/samples", params=rest)).json()
    assert len({str(each) for each in first["samples"] + then["samples"]}) == 10
    assert then["next_cursor"] is None
    town = ingest.client("town", "records:read", area_level="township", area_code="TOWN-02")
    assert (await town.get("/v1/reconciliation", params={"day": DAY})).json()["samples"] == 0
    own = ingest.client("own", "records:read", area_level="township", area_code="TOWN-01")
    assert (await own.get("/v1/reconciliation", params={"day": DAY})).json()["samples"] == 8


@pytest.mark.requirement(80)
async def test_every_tube_is_expected_by_a_deadline_and_ends_as_resulted_late_lost_or_void(
    ingest: Ingest,
) -> None:
    site, _ = await begun(ingest, "T-in-time", "T-waiting")
    for name, hours in (("late", -30), ("overdue", -36), ("lost", -97), ("void", -30)):
        collected = ingest.at(hours=hours)
        await ingest.bind(
            f"T-{name}", {"health_code_id": f"hc-{name}"}, site_code="SITE-01", collected_at=collected
        )
    void = {"reason": "leaked", "voided_at": ingest.at(hours=-29)}
    assert (await site.post("/v1/tubes/T-void/voiding", json=void)).status_code == 201
    assert (await site.post("/v1/tubes/T-void/voiding", json=void)).status_code == 200
    other = await site.post("/v1/tubes/T-void/voiding", json=void | {"reason": "broken"})
    assert (other.status_code, other.json()["code"]) == (409, "tube_void_differs")
    assert (await site.post("/v1/tubes/T-none/voiding", json=void)).status_code == 404
    await ingest.post(ingest.row(tube_code="T-in-time"), ingest.row(tube_code="T-late"))
    refused = await site.post("/v1/tubes/T-late/voiding", json=void)
    assert (refused.status_code, refused.json()["code"]) == (409, "tube_resulted")
    found: dict[str, str] = {}
    for day in ("2030-01-11", "2030-01-14", DAY):
        listed = await ingest.cdc.get("/v1/reconciliation/samples", params={"day": day})
        found |= {each["tube_code"]: each["standing"] for each in listed.json()["samples"]}
    assert found == {
        "T-in-time": "resulted",
        "T-waiting": "waiting",
        "T-late": "late",
        "T-overdue": "overdue",
        "T-lost": "lost",
        "T-void": "void",
    }
    actions = {row["action"] for row in await ingest.run("SELECT action FROM ingest.audit")}
    assert "tube.void" in actions
    day = (await ingest.cdc.get("/v1/reconciliation", params={"day": "2030-01-14"})).json()
    assert (day["standings"]["late"], day["standings"]["overdue"], day["causes"]["void"]) == (1, 1, 1)


@pytest.mark.requirement(80)
async def test_what_a_laboratory_says_it_tested_is_compared_with_what_has_come_until_it_explains(
    ingest: Ingest,
) -> None:
    _, lab = await begun(ingest, "T-1", "T-2", "T-3")
    other = await ingest.lab("LAB02")
    said = {"manifest_no": "M-1", "day": DAY, "tube_codes": ["T-1", "T-2", "T-odd"]}
    assert (await lab.post("/v1/manifests", json=said)).status_code == 201
    assert (
        await lab.post("/v1/manifests", json=said | {"tube_codes": ["T-odd", "T-2", "T-1"]})
    ).status_code == 200
    for wrong, status, code in (
        (said | {"tube_codes": ["T-1"]}, 409, "manifest_no_in_use"),
        (said | {"manifest_no": "M-2", "tube_codes": ["T-1", "T-1"]}, 422, "manifest_tube_repeated"),
        (said | {"manifest_no": "M-2", "day": "2030-01-16"}, 422, "manifest_day_ahead"),
    ):
        answer = await lab.post("/v1/manifests", json=wrong)
        named = {answer.json()["code"], *(each["code"] for each in answer.json().get("errors", []))}
        assert (answer.status_code, code in named) == (status, True), answer.text
    await ingest.post(ingest.row(tube_code="T-1"), ingest.row(tube_code="T-3"))

    async def open_ones(client: Any) -> list[tuple[str, str]]:
        found = (await client.get("/v1/manifests/differences", params={"from": DAY, "to": DAY})).json()
        return [(each["kind"], each["tube_code"]) for each in found["differences"]]

    assert await open_ones(lab) == [
        ("not_listed", "T-3"), ("not_registered", "T-odd"), ("not_uploaded", "T-2"), ("not_uploaded", "T-odd"),
    ]  # fmt: skip
    assert await open_ones(other) == []
    explained = {"day": DAY, "kind": "not_uploaded", "tube_codes": ["T-2", "T-1"], "reason": "retest"}
    answer = await lab.post("/v1/manifests/explanations", json=explained)
    assert [each["field"] for each in answer.json()["errors"]] == ["tube_codes.1"]
    assert (await lab.post("/v1/manifests/explanations", json=explained | {"tube_codes": ["T-2"]})).is_success
    assert ("not_uploaded", "T-2") not in await open_ones(lab)
    await ingest.post(ingest.row(tube_code="T-odd"))
    totals = (await ingest.cdc.get("/v1/manifests/totals", params={"from": DAY, "to": DAY})).json()["days"]
    assert totals == [
        {
            "lab_code": "LAB01", "day": DAY, "listed": 3, "arrived": 3, "not_uploaded": 0, "not_listed": 1,
            "not_registered": 1, "explained": 1,
        }
    ]  # fmt: skip
