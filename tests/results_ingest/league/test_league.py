"""The league: laboratories ranked by percentile, of each stage, day and category, as rows."""

from typing import Any

import pytest

from tests.results_ingest.packets.test_packets import begun, receipt, sealed
from tests.results_ingest.quality.test_quality import TODAY, ask
from tests.results_ingest.support import Ingest


async def league(ingest: Ingest, **query: Any) -> list[dict[str, Any]]:
    answer = await ingest.cdc.get("/v1/league", params={"from": TODAY, "to": TODAY, **query})
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["league"]
    return listed


async def raced(ingest: Ingest) -> None:
    """Let LAB01 test one of its tubes at once and one late, and LAB02 its two in between, at another site."""
    _, lab = await begun(ingest, "T-1", "T-2")
    await ingest.lab("LAB02")
    fever = {"site_code": "SITE-02", "name": "发热门诊", "kind": "fever_clinic", "township_code": "TOWN-01"}
    assert (await ingest.sampling.post("/v1/sites", json=fever)).is_success
    for number in (3, 4):
        await ingest.bind(f"T-{number}", {"health_code_id": f"hc-{number:04}"}, site_code="SITE-02")
    await sealed(ingest, "P-1", "T-1", "T-2")
    await sealed(ingest, "P-2", "T-3", "T-4", lab_code="LAB02", site_code="SITE-02")
    for client, code in ((lab, "P-1"), (await ingest.lab("LAB02"), "P-2")):
        assert (await client.post(f"/v1/packets/{code}/receipt", json=receipt(ingest, 2))).is_success
    for tube, minutes, name in (
        ("T-1", 10, "LAB01"),
        ("T-2", 170, "LAB01"),
        ("T-3", 50, "LAB02"),
        ("T-4", 60, "LAB02"),
    ):
        tested = ingest.at(hours=-3, minutes=minutes)
        await ingest.post(ingest.row(tube_code=tube, tested_at=tested), lab=name)


@pytest.mark.requirement(69)
async def test_laboratories_are_ranked_by_percentile_of_each_stage_and_category(ingest: Ingest) -> None:
    await raced(ingest)
    await ask(ingest)
    by_p90 = await league(ingest, stage="testing", category="all")
    assert [(row["rank"], row["lab_code"], row["p90"], row["labs"]) for row in by_p90] == [
        (1, "LAB02", 59.0, 2),
        (2, "LAB01", 154.0, 2),
    ]
    by_median = await league(ingest, stage="testing", category="all", by="median")
    assert [(row["lab_code"], row["median"]) for row in by_median] == [("LAB02", 55.0), ("LAB01", 90.0)]
    assert {(row["stage"], row["category"]) for row in await league(ingest, lab_code="LAB02")} == {
        (stage, category)
        for stage in ("sampling", "delivery", "testing", "entry", "total")
        for category in ("all", "fever_clinic")
    }
    [total] = await league(ingest, stage="total", category="checkpoint")
    assert (total["lab_code"], total["tubes"], total["in_time"]) == ("LAB01", 2, 2)
    pages: list[dict[str, Any]] = []
    query: dict[str, Any] = {"from": TODAY, "to": TODAY, "limit": 3}
    while True:
        page = (await ingest.cdc.get("/v1/league", params=query)).json()
        pages += page["league"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert pages == await league(ingest, limit=1000)


async def test_a_laboratory_learns_its_place_and_nothing_of_another_and_an_area_nothing(
    ingest: Ingest,
) -> None:
    await raced(ingest)
    await ask(ingest)
    own = await (await ingest.lab("LAB01")).get("/v1/league", params={"stage": "testing", "category": "all"})
    assert [(row["rank"], row["labs"], row["lab_code"]) for row in own.json()["league"]] == [(2, 2, "LAB01")]
    town = ingest.client("town", "records:read", area_code="TOWN-01", area_level="township")
    assert (await town.get("/v1/league")).status_code == 403
