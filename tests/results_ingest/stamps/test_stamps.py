"""How long the stages take, which stamps are faulty, and what waits at a laboratory."""

from typing import Any

import pytest

from tests.results_ingest.packets.test_packets import begun, receipt, sealed
from tests.results_ingest.support import Ingest


async def faults(ingest: Ingest, **query: str) -> dict[str, list[tuple[str, str]]]:
    answer = await ingest.sampling.get("/v1/stamp-faults", params=query)
    assert answer.status_code == 200, answer.text
    return {
        each["tube_code"]: [(one["stage"], one["code"]) for one in each["faults"]]
        for each in answer.json()["tubes"]
    }


@pytest.mark.requirement(62)
async def test_a_missing_or_reversed_stamp_is_a_fault_and_is_listed(ingest: Ingest) -> None:
    site, lab = await begun(ingest, "T-good", "T-late", "T-none", "T-back")
    await sealed(ingest, "P-1", "T-good", "T-late")
    await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2))
    await ingest.post(
        ingest.row(tube_code="T-good", tested_at=ingest.at(hours=-2)),
        ingest.row(tube_code="T-late", tested_at=ingest.at(hours=-3.5)),
        ingest.row(tube_code="T-none", tested_at=ingest.at(hours=-2)),
        ingest.row(tube_code="T-back", tested_at=ingest.at(hours=-2), received_at=ingest.at(hours=-1)),
    )
    assert await faults(ingest) == {
        "T-late": [("tested", "stamp_reversed")],
        "T-none": [("delivered", "stamp_missing")],
        "T-back": [("tested", "stamp_reversed")],
    }
    assert await faults(ingest, day="2030-01-14") == {}
    assert await faults(ingest, lab_code="LAB09") == {}
    shown = (await site.get("/v1/tubes/T-late")).json()
    assert [one["code"] for one in shown["faults"]] == ["stamp_reversed"]
    assert (await site.get("/v1/tubes/T-good")).json()["faults"] == []
    wrong = await site.get("/v1/stamp-faults", params={"day": "yesterday"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "day_malformed")


def stage(listed: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in listed if each["stage"] == name)


@pytest.mark.requirement(63)
async def test_each_stage_is_measured_by_site_and_laboratory_the_slowest_first(ingest: Ingest) -> None:
    site, lab = await begun(ingest, "T-1", "T-2", "T-3")
    await sealed(ingest, "P-1", "T-1", "T-2", "T-3")
    await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 3))
    await ingest.post(
        *(
            ingest.row(tube_code=f"T-{n}", tested_at=ingest.at(hours=-3, minutes=minutes))
            for n, minutes in ((1, 20), (2, 60), (3, 175))
        )
    )
    found = (await site.get("/v1/stage-times", params={"by": "lab"})).json()["stages"]
    assert {each["lab_code"] for each in found} == {"LAB01"}
    testing = stage(found, "testing")
    assert (testing["tubes"], testing["median"], testing["longest"]) == (3, 60.0, 175.0)
    assert stage(found, "sampling")["median"] == 60.0
    assert stage(found, "delivery")["median"] == 60.0
    assert 5.0 <= stage(found, "entry")["longest"] - 155.0 <= 6.0
    assert found[0]["longest"] == max(each["longest"] for each in found)
    by_site = (await site.get("/v1/stage-times", params={"by": "site"})).json()["stages"]
    assert {each["site_code"] for each in by_site} == {"SITE-01"}


@pytest.mark.requirement(67)
async def test_a_laboratorys_backlog_is_its_depth_and_its_oldest_tube(ingest: Ingest) -> None:
    _, lab = await begun(ingest, "T-1", "T-2", "T-3")
    other = await ingest.lab("LAB02")
    await sealed(ingest, "P-1", "T-1", "T-2")
    await sealed(ingest, "P-2", "T-3")
    await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2))
    [own] = (await lab.get("/v1/backlogs")).json()["backlogs"]
    assert (own["on_the_way"], own["waiting"], own["oldest_minutes"]) == (1, 2, 180)
    await ingest.post(ingest.row(tube_code="T-1"))
    listed = (await ingest.cdc.get("/v1/backlogs")).json()["backlogs"]
    assert [(each["lab_code"], each["waiting"]) for each in listed] == [("LAB01", 1), ("LAB02", 0)]
    await ingest.post(ingest.row(tube_code="T-2"))
    [done] = (await lab.get("/v1/backlogs")).json()["backlogs"]
    assert (done["waiting"], done["oldest_received_at"], done["oldest_minutes"]) == (0, None, None)
    assert [each["lab_code"] for each in (await other.get("/v1/backlogs")).json()["backlogs"]] == ["LAB02"]


@pytest.mark.requirement(67)
async def test_a_retained_single_is_no_backlog_until_its_pool_is_not_negative(ingest: Ingest) -> None:
    _, lab = await begun(ingest)
    who = {"health_code_id": "hc-0001"}
    await ingest.bind("S-1", who, paired_with="M-1", site_code="SITE-01")
    await ingest.bind("M-1", who, {"health_code_id": "hc-0002"}, site_code="SITE-01")
    await sealed(ingest, "P-1", "S-1", "M-1")
    await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2))
    assert (await lab.get("/v1/backlogs")).json()["backlogs"][0]["waiting"] == 1
    await ingest.post(ingest.row(tube_code="M-1", outcome="positive"))
    assert (await lab.get("/v1/backlogs")).json()["backlogs"][0]["waiting"] == 1
    await ingest.post(ingest.row(tube_code="S-1", outcome="negative"))
    assert (await lab.get("/v1/backlogs")).json()["backlogs"][0]["waiting"] == 0
