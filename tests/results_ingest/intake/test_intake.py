"""Plans, counts that add up, rounds with their grids, sites and laboratories."""

import asyncio
from typing import Any

import pytest

from results_ingest.intake import telling
from results_ingest.reconciliation import telling as digests
from shared.bus.publishing import publish
from shared.messages import (
    GridCoverage,
    IntakeCounted,
    RoundChanged,
    RoundCounted,
    RoundGrid,
    RoundVisible,
    SamplesUnexplained,
    SitesLate,
)
from tests.results_ingest.support import Ingest

DAY = "2030-01-15"
GRIDS = (
    RoundGrid("420100001001001", "TOWN-01", "LAB01", 6),
    RoundGrid("420100002001001", "TOWN-02", "LAB77", 4),
)


async def hear(ingest: Ingest, *messages: Any) -> None:
    async with ingest.context.db.transaction() as session:
        for message in messages:
            await publish(session, message, now=ingest.now)
    await ingest.settle()


async def run(ingest: Ingest, *schedules: Any) -> None:
    for schedule in schedules:
        async with ingest.context.db.transaction() as session:
            await schedule(session, ingest.context)


async def round_of(ingest: Ingest) -> None:
    """Let registry tell of a round that began five hours ago, and register two towns' sites."""
    for number, town in ((1, "TOWN-01"), (2, "TOWN-02")):
        site = {"site_code": f"SITE-0{number}", "name": "采样点", "kind": "community", "township_code": town}
        assert (await ingest.sampling.post("/v1/sites", json=site)).is_success
    await hear(
        ingest,
        RoundChanged(
            "R1", drill=False, state="active", revision=2, title="第一轮", starts_at=ingest.at(hours=-5),
            deadline_at=ingest.at(hours=19), activated_at=ingest.at(hours=-5), setup_due_at=ingest.at(hours=-1),
            grids=GRIDS,
        ),
    )  # fmt: skip


async def plan(ingest: Ingest, **sites: int) -> None:
    listed = [{"site_code": f"SITE-{code[1:]}", "expected": expected} for code, expected in sites.items()]
    answer = await ingest.sampling.put(
        "/v1/intake-plans", json={"day": DAY, "round_code": "R1", "sites": listed}
    )
    assert answer.status_code == 200, answer.text


def adds_up(counts: dict[str, int]) -> bool:
    return (
        counts["total"] == counts["sampled"] + counts["remaining"]
        and counts["sampled"] == counts["negative"] + counts["pending"] + counts["not_negative"]
    )


@pytest.mark.requirement(88)
@pytest.mark.requirement(95)
async def test_at_every_moment_the_counts_of_a_site_add_up(ingest: Ingest) -> None:
    await round_of(ingest)
    await plan(ingest, s01=5, s02=2)

    async def counted(**query: str) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
        answer = await ingest.cdc.get("/v1/intake-counts", params=query)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert adds_up(found["sums"])
        assert all(adds_up(each) for each in found["counts"])
        return found["sums"], {each["site_code"]: each for each in found["counts"]}

    assert (await counted(day=DAY))[0] | {"remaining": 7} == (await counted(day=DAY))[0]
    at = {"round_code": "R1", "collected_at": ingest.at(hours=-3)}
    pool = [{"health_code_id": f"hc-000{n}"} for n in range(3)]
    await ingest.bind("M-1", *pool, site_code="SITE-01", **at)
    await ingest.bind("S-1", pool[0], site_code="SITE-01", paired_with="M-1", **at)
    await ingest.bind("S-2", {"health_code_id": "hc-0009"}, site_code="SITE-01", **at)
    for number in range(3):
        await ingest.bind(f"S-2{number}", {"health_code_id": f"hc-02{number}0"}, site_code="SITE-02", **at)
    sums, sites = await counted(round_code="R1")
    assert (sites["SITE-01"]["sampled"], sites["SITE-01"]["remaining"], sites["SITE-01"]["tubes"]) == (
        4,
        1,
        2,
    )
    assert (sites["SITE-02"]["planned"], sites["SITE-02"]["total"], sites["SITE-02"]["remaining"]) == (
        2,
        3,
        0,
    )
    assert (sums["total"], sums["pending"]) == (8, 7)
    await ingest.post(
        ingest.row(tube_code="M-1"),
        ingest.row(tube_code="S-2", outcome="positive"),
        ingest.row(tube_code="S-20", outcome="invalid"),
    )
    void = {"reason": "leaked", "voided_at": ingest.at(hours=-2)}
    assert (await ingest.sampling.post("/v1/tubes/S-21/voiding", json=void)).is_success
    sums, sites = await counted(day=DAY)
    one, two = sites["SITE-01"], sites["SITE-02"]
    assert (one["negative"], one["pending"], one["not_negative"]) == (3, 0, 1)
    assert (two["sampled"], two["negative"], two["pending"]) == (2, 0, 2)
    town = ingest.client("t2", "records:read", area_level="township", area_code="TOWN-02")
    shown = (await town.get("/v1/intake-counts", params={"day": DAY})).json()["counts"]
    assert [each["site_code"] for each in shown] == ["SITE-02"]
    beyond = {"day": DAY, "sites": [{"site_code": "SITE-01", "expected": 1}]}
    theirs = ingest.client("t3", "samples:write", area_level="township", area_code="TOWN-02")
    assert (await theirs.put("/v1/intake-plans", json=beyond)).json()["errors"][0][
        "code"
    ] == "plan_site_unknown"
    await ingest.run(
        "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
        moment=ingest.now.replace(hour=20, minute=1),
    )
    await run(ingest, telling.tell_intake, telling.tell_intake)
    told = {each.township_code: each for each in await ingest.told(IntakeCounted)}
    assert (told["TOWN-01"].sampled, told["TOWN-02"].total, len(told)) == (4, 2, 2)


@pytest.mark.requirement(88)
async def test_the_counts_add_up_while_tubes_results_and_voidings_come_at_once(ingest: Ingest) -> None:
    await round_of(ingest)
    await plan(ingest, s01=20)
    lab, sampling = await ingest.lab("LAB01"), ingest.sampling
    at = {"site_code": "SITE-01", "collected_at": ingest.at(hours=-3), "round_code": "R1"}

    async def work(number: int) -> None:
        body = ingest.tube(f"T-{number}", {"health_code_id": f"hc-{number:04}"}, **at)
        assert (await sampling.post("/v1/tubes", json=body)).is_success
        if number % 3 == 0:
            void = {"reason": "leaked", "voided_at": ingest.at(hours=-2)}
            assert (await sampling.post(f"/v1/tubes/T-{number}/voiding", json=void)).is_success
            return
        outcome = "positive" if number % 3 == 1 else "negative"
        rows = [ingest.row(tube_code=f"T-{number}", outcome=outcome)]
        batch = {"batch_no": f"C-{number}", "results": rows}
        assert (await lab.post("/v1/batches", json=batch)).status_code == 202

    async def watch() -> None:
        while not done.is_set():
            found = (await ingest.cdc.get("/v1/intake-counts", params={"day": DAY})).json()
            assert adds_up(found["sums"]), found
            seen.append(found["sums"]["sampled"])

    done, seen = asyncio.Event(), list[int]()
    watching = asyncio.create_task(watch())
    await asyncio.gather(*(work(number) for number in range(30)))
    await ingest.settle()
    done.set()
    await watching
    last = (await ingest.cdc.get("/v1/intake-counts", params={"day": DAY})).json()["sums"]
    assert (last["sampled"], last["negative"], last["not_negative"], last["remaining"]) == (20, 10, 10, 0)
    assert len(set(seen)) > 1, "it was watched while it changed"


@pytest.mark.requirement(86)
@pytest.mark.requirement(51)
async def test_a_round_is_an_area_with_start_deadline_heads_and_laboratories(ingest: Ingest) -> None:
    await round_of(ingest)
    await ingest.lab("LAB01")
    listed = (await ingest.cdc.get("/v1/rounds")).json()["rounds"]
    assert [(each["round_code"], each["grids"], each["expected"]) for each in listed] == [("R1", 2, 10)]
    shown = (await ingest.cdc.get("/v1/rounds/R1")).json()
    assert shown["starts_at"] < shown["deadline_at"]
    assert [(lab["lab_code"], lab["expected"], lab["defect"]) for lab in shown["labs"]] == [
        ("LAB01", 6, None), ("LAB77", 4, "lab_unknown"),
    ]  # fmt: skip
    town = ingest.client("t2", "records:read", area_level="township", area_code="TOWN-02")
    assert (await town.get("/v1/rounds/R1")).json()["expected"] == 4
    other = ingest.client("t9", "records:read", area_level="township", area_code="TOWN-09")
    assert (await other.get("/v1/rounds/R1")).status_code == 404
    assert (await other.get("/v1/rounds")).json()["rounds"] == []


@pytest.mark.requirement(84)
async def test_sites_that_are_not_ready_in_time_are_listed_and_told_once(ingest: Ingest) -> None:
    await round_of(ingest)
    await plan(ingest, s01=5, s02=2)
    report = {"ready_at": ingest.at(hours=-2), "staff": 6}
    path = "/v1/rounds/R1/sites/SITE-01/readiness"
    assert (await ingest.sampling.post(path, json=report)).status_code == 201
    assert (await ingest.sampling.post(path, json=report)).status_code == 200
    assert (await ingest.sampling.post(path, json=report | {"staff": 5})).status_code == 409
    ahead = await ingest.sampling.post(path, json=report | {"ready_at": ingest.at(hours=1)})
    assert ahead.json()["errors"][0]["code"] == "time_in_future"
    assert (
        await ingest.sampling.post("/v1/rounds/R1/sites/SITE-09/readiness", json=report)
    ).status_code == 404
    late = (await ingest.cdc.get("/v1/rounds/R1/sites", params={"readiness": "late"})).json()["sites"]
    assert [each["site_code"] for each in late] == ["SITE-02"]
    await run(ingest, telling.tell_late, telling.tell_late)
    [told] = await ingest.told(SitesLate)
    assert (told.township_code, told.planned, told.site_codes) == ("TOWN-02", 1, ("SITE-02",))
    await ingest.sampling.post(
        "/v1/rounds/R1/sites/SITE-02/readiness", json=report | {"ready_at": ingest.at()}
    )
    sites = (await ingest.cdc.get("/v1/rounds/R1/sites")).json()["sites"]
    assert [each["readiness"] for each in sites] == ["ready", "ready_late"]
    assert {"round.site-ready", "intake.plan"} <= {
        row["action"] for row in await ingest.run("SELECT action FROM ingest.audit")
    }


@pytest.mark.requirement(81)
@pytest.mark.requirement(87)
async def test_of_a_round_what_is_sampled_resulted_matched_and_visible_by_laboratory(ingest: Ingest) -> None:
    await round_of(ingest)
    lab = await ingest.lab("LAB01")
    assert lab is not None
    await ingest.person("hc-0001")
    at = {
        "round_code": "R1",
        "collected_at": ingest.at(hours=-5),
        "site_code": "SITE-01",
        "lab_code": "LAB01",
    }
    for number in range(4):
        await ingest.bind(f"T-{number}", {"health_code_id": f"hc-000{number}"}, **at)
    await ingest.post(ingest.row(tube_code="T-1"), ingest.row(tube_code="T-2"))
    shown = (await ingest.cdc.get("/v1/rounds/R1")).json()
    assert [shown[name] for name in ("sampled", "resulted", "matched", "visible", "gap")] == [4, 2, 1, 0, 4]
    [gaps] = [each for each in shown["labs"] if each["lab_code"] == "LAB01"]
    assert (gaps["sampled"], gaps["visible"], gaps["gap"]) == (4, 0, 4)
    behind = await ingest.cdc.get(
        "/v1/reconciliation/samples", params={"round_code": "R1", "lab_code": "LAB01"}
    )
    assert sorted(each["cause"] for each in behind.json()["samples"]) == [
        "display_delay", "not_matched", "not_received", "not_received",
    ]  # fmt: skip
    both = await ingest.cdc.get("/v1/reconciliation", params={"round_code": "R1", "day": DAY})
    assert both.json()["errors"][0]["code"] == "day_or_round"
    covered = (GridCoverage("420100001001001", "TOWN-01", 6, 5, 4, 2),)
    await hear(
        ingest,
        RoundCounted(
            "R1",
            "第一轮",
            drill=False,
            as_of=ingest.at(),
            deadline_at=ingest.at(),
            final=False,
            grids=covered,
        ),
    )
    grids = (await ingest.cdc.get("/v1/rounds/R1/grids")).json()["grids"]
    assert [(each["grid_code"], each["sampled"], each["missing"]) for each in grids] == [
        ("420100001001001", 4, 1), ("420100002001001", None, None),
    ]  # fmt: skip
    await run(ingest, telling.tell_visible, telling.tell_visible)
    [told] = await ingest.told(RoundVisible)
    assert [(each.lab_code, each.sampled, each.visible) for each in told.labs] == [("LAB01", 4, 0)]


@pytest.mark.requirement(80)
async def test_once_a_day_each_body_is_told_what_it_holds_up_and_nothing_that_is_in_time(
    ingest: Ingest,
) -> None:
    await round_of(ingest)
    old = {"site_code": "SITE-01", "collected_at": ingest.at(hours=-30)}
    await ingest.bind("T-old", {"health_code_id": "hc-0001"}, **old)
    await ingest.bind("T-empty", **old)
    await ingest.bind(
        "T-young", {"health_code_id": "hc-0002"}, site_code="SITE-01", collected_at=ingest.at(hours=-20)
    )
    await run(ingest, digests.tell, digests.tell)
    [told] = await ingest.told(SamplesUnexplained)
    assert (told.body_type, told.body_code, told.township_code) == ("site", "SITE-01", "TOWN-01")
    assert told.days == {"2030-01-14": {"not_bound": 1, "not_received": 1}}
