"""The night's quality list: planted faults come up at their kind, laboratory and site, and nothing else does."""

from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from results_ingest.league import counting as league
from results_ingest.quality import counting
from tests.results_ingest.packets.test_packets import begun, receipt, sealed
from tests.results_ingest.support import NOW, NUMBERS, Ingest

TODAY = NOW.date().isoformat()
WRONG_NUMBER = NUMBERS[0][:-1] + "0"


async def night(ingest: Ingest) -> None:
    """Let the worker's schedules count every day that lacks its count."""
    for schedule in (counting.count, league.count):
        more = True
        while more:
            async with ingest.context.db.transaction() as session:
                more = await schedule(session, ingest.context)


async def ask(ingest: Ingest, day: str = TODAY) -> None:
    """Have a day counted."""
    answer = await ingest.client("admin", "admin").post(f"/v1/quality/{day}/count")
    assert answer.status_code == 202, answer.text
    await night(ingest)


async def counts(client: httpx.AsyncClient, **query: Any) -> dict[tuple[str, str | None, str], int]:
    """Return the counts of today by laboratory, site and kind."""
    answer = await client.get("/v1/quality", params={"day": TODAY, **query})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return {(row["lab_code"], row["site_code"], row["kind"]): row["faults"] for row in found["counts"]}


async def planted(ingest: Ingest) -> None:
    """Plant every kind of fault, beside what is in order."""
    site, lab = await begun(ingest, "T-1", "T-2", "T-3")
    await sealed(ingest, "P-1", "T-1", "T-2")
    await lab.post("/v1/packets/P-1/receipt", json=receipt(ingest, 2))
    await ingest.bind("T-4", {"health_code_id": "hc-0009"}, site_code="SITE-01")
    for number in (0, 1, 2):
        await ingest.person(f"hc-{number:04}")
    assert site is not lab
    good = ingest.row(tube_code="T-1", tested_at=ingest.at(hours=-2))
    await ingest.post(
        good,
        good,
        ingest.row(tube_code="T-2", tested_at=ingest.at(hours=-3.5)),
        ingest.row(tube_code="T-NOBODY"),
        ingest.row(tube_code="T-3", tested_at=ingest.at(hours=1)),
        ingest.row(tube_code="T-3", id_type="resident_id", id_no=WRONG_NUMBER),
        ingest.row(tube_code="T-3", outcome="clean", row_ref="r-7"),
        ingest.row(tube_code="T-3", tested_at=ingest.at(hours=-1), lab="x"),
        ingest.row(tube_code="T-4"),
    )
    await ingest.post(ingest.row(tube_code="T-1", tested_at=ingest.at(hours=-2)), lab="LAB02")
    await ingest.post(ingest.row(health_code_id="hc-0002"), lab="LAB02")


LAB01 = {
    ("LAB01", "SITE-01", "duplicate_sample"): 1,
    ("LAB01", "SITE-01", "impossible_time"): 2,
    ("LAB01", None, "unknown_code"): 1,
    ("LAB01", "SITE-01", "unknown_code"): 2,
    ("LAB01", "SITE-01", "bad_number"): 1,
    ("LAB01", "SITE-01", "malformed"): 1,
}
LAB02 = {("LAB02", "SITE-01", "duplicate_sample"): 1}


@pytest.mark.requirement(79)
async def test_every_planted_fault_is_counted_at_its_laboratory_site_and_kind_and_nothing_else(
    ingest: Ingest,
) -> None:
    await planted(ingest)
    assert await counts(ingest.cdc) == {}
    await ask(ingest)
    assert await counts(ingest.cdc) == LAB01 | LAB02
    assert await counts(ingest.cdc, kind="unknown_code", site_code="SITE-01") == {
        ("LAB01", "SITE-01", "unknown_code"): 2
    }
    behind = (await ingest.cdc.get("/v1/quality/faults", params={"day": TODAY})).json()["faults"]
    assert Counter((row["lab_code"], row["site_code"], row["kind"]) for row in behind) == LAB01 | LAB02
    said = [(row["code"], row["batch_no"], row["row"], row["tube_code"]) for row in behind]
    assert ("tube_not_bound", "B-0001", 4, "T-NOBODY") in said
    assert ("second_lab", "B-0002", 1, "T-1") in said
    assert [row["row_ref"] for row in behind if row["code"] == "not_allowed"] == ["r-7"]
    one = await ingest.cdc.get("/v1/quality", params={"day": TODAY, "limit": 2})
    rest = {"day": TODAY, "limit": 100, "cursor": one.json()["next_cursor"]}
    assert len((await ingest.cdc.get("/v1/quality", params=rest)).json()["counts"]) == len(LAB01 | LAB02) - 2


@pytest.mark.requirement(79)
async def test_a_day_may_be_counted_again_and_then_shows_what_is_known_by_then(ingest: Ingest) -> None:
    await planted(ingest)
    await ask(ingest)
    before = await counts(ingest.cdc)
    await ask(ingest)
    assert await counts(ingest.cdc) == before
    await ingest.bind("T-NOBODY", {"health_code_id": "hc-0001"}, site_code="SITE-01")
    await ask(ingest)
    assert await counts(ingest.cdc) == {key: n for key, n in before.items() if key[1] is not None}
    late = await ingest.client("admin", "admin").post("/v1/quality/2030-01-16/count")
    assert (late.status_code, late.json()["errors"][0]["code"]) == (422, "day_in_future")


@pytest.mark.requirement(79)
async def test_the_night_counts_yesterday_by_itself_and_the_newest_days_again(ingest: Ingest) -> None:
    await planted(ingest)
    await night(ingest)
    assert await counts(ingest.cdc) == {}
    move = "UPDATE bus.business_clock SET ahead = ahead + CAST(:by AS interval)"
    await ingest.run(move, by=timedelta(hours=12.9))
    await night(ingest)
    assert await counts(ingest.cdc) == {}, "before 01:00 the night has not begun"
    await ingest.run(move, by=timedelta(hours=0.2))
    await night(ingest)
    shown = (await ingest.cdc.get("/v1/quality")).json()
    assert (shown["day"], sum(row["faults"] for row in shown["counts"])) == (TODAY, 9)
    first = shown["as_of"]
    await ingest.run(move, by=timedelta(days=1))
    await night(ingest)
    assert (await ingest.cdc.get("/v1/quality", params={"day": TODAY})).json()["as_of"] > first


async def test_a_laboratory_sees_itself_and_a_township_its_own_tubes_without_batches(ingest: Ingest) -> None:
    await planted(ingest)
    await ask(ingest)
    assert await counts(await ingest.lab("LAB01")) == LAB01
    town = ingest.client("town", "records:read", area_code="TOWN-01", area_level="township")
    seen = await counts(town)
    assert seen == {key: n for key, n in (LAB01 | LAB02).items() if key[1] == "SITE-01"}
    listed = (await town.get("/v1/quality/faults", params={"day": TODAY})).json()["faults"]
    assert {(row["batch_no"], row["row"], row["row_ref"]) for row in listed} == {(None, None, None)}
    other = ingest.client("other", "records:read", area_code="TOWN-02", area_level="township")
    assert await counts(other) == {}
    assert (await town.post(f"/v1/quality/{TODAY}/count")).status_code == 403
