"""Digests of samples, rounds and intake reach the body that answers, once a telling, with counts only."""

import pytest
from msgspec import structs

from shared.messages import (
    GridCoverage,
    IntakeCounted,
    LabVisible,
    RoundCounted,
    RoundVisible,
    SamplesUnexplained,
    SitesLate,
)
from tests.notifier.desk import MORNING, Desk

AT = MORNING.isoformat()
HELD = SamplesUnexplained(
    "2037-11-23",
    AT,
    "lab",
    "LAB01",
    None,
    {"2037-11-21": {"not_tested": 12}, "2037-11-22": {"not_tested": 3, "not_uploaded": 2}},
)


@pytest.mark.requirement(80)
async def test_each_body_gets_one_digest_of_what_it_holds_up(desk: Desk) -> None:
    await desk.founded()
    site = structs.replace(HELD, body_type="site", body_code="SITE-01", days={"2037-11-22": {"not_bound": 4}})
    platform = structs.replace(
        HELD, body_type="platform", body_code=None, days={"2037-11-22": {"not_shown": 7}}
    )
    await desk.tell(HELD, site, platform, HELD)
    told = await desk.recipients(kind="task.answer")
    assert [each for each in told if each[0] != "district"] == [("lab", "LAB01"), ("site", "SITE-01")]
    assert [kind for kind, _ in told].count("district") == 1
    [lab] = await desk.notices(kind="task.answer", recipient_type="lab")
    assert "17 份样本超过时限:未检测 15 份、未上传 2 份" in lab["text"]
    assert lab["evidence"]["days"]["2037-11-22"] == {"not_tested": 3, "not_uploaded": 2}
    assert "未展示 7 份" in (await desk.notices(kind="task.answer", recipient_type="district"))[0]["text"]
    await desk.tell(structs.replace(HELD, told_on="2037-11-24"))
    assert len(await desk.notices(kind="task.answer", recipient_type="lab")) == 2


@pytest.mark.requirement(84)
async def test_a_township_is_told_once_which_sites_were_not_ready(desk: Desk) -> None:
    await desk.founded()
    late = SitesLate("R1", "第一轮", "TOWN-01", AT, AT, 12, ("SITE-01", "SITE-07"))
    await desk.tell(late, late)
    [notice] = await desk.notices(kind="task.answer")
    assert (notice["recipient"]["type"], notice["recipient"]["code"]) == ("township", "TOWN-01")
    assert "12 个采样点中 2 个未按时就绪:SITE-01、SITE-07" in notice["text"]


@pytest.mark.requirement(87)
async def test_townships_are_told_how_many_of_their_grids_are_missing(desk: Desk) -> None:
    await desk.founded()
    grids = (
        GridCoverage("420100001001001", "TOWN-01", 300, 290, 120, 80),
        GridCoverage("420100002001001", "TOWN-02", 10, 10, 10, 10),
    )
    told = RoundCounted("R1", "第一轮", drill=False, as_of=AT, deadline_at=AT, final=False, grids=grids)
    await desk.tell(told, told)
    [notice] = await desk.notices(kind="task.answer")
    assert notice["recipient"]["code"] == "TOWN-01"
    assert "应检 300 人,已采 120 人,已出结果 80 人;缺检 170 人" in notice["text"]
    assert [grid["grid_code"] for grid in notice["evidence"]["grids"]] == ["420100001001001"]


@pytest.mark.requirement(81)
async def test_laboratories_and_the_cdc_are_told_what_of_a_round_is_not_visible(desk: Desk) -> None:
    await desk.founded()
    labs = (LabVisible("LAB01", 512, 301, 300, 280), LabVisible("LAB02", 10, 10, 10, 10))
    told = RoundVisible("R1", "第一轮", AT, labs)
    await desk.tell(told, told)
    assert [kind for kind, _ in await desk.recipients(kind="task.answer")] == ["cdc", "lab"]
    [lab] = await desk.notices(kind="task.answer", recipient_type="lab")
    assert (lab["recipient"]["code"], "差 232 份" in lab["text"]) == ("LAB01", True)


@pytest.mark.requirement(88)
async def test_a_township_is_told_the_days_counts_that_add_up(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(IntakeCounted("2037-11-23", AT, "TOWN-01", 800, 512, 288, 300, 211, 1))
    [notice] = await desk.notices(kind="task.answer")
    facts = notice["evidence"]
    assert facts["total"] == facts["sampled"] + facts["remaining"]
    assert facts["sampled"] == facts["negative"] + facts["pending"] + facts["not_negative"]
    assert "应采 800 份,已采 512 份,剩余 288 份" in notice["text"]
