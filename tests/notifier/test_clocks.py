"""Samples that ran out of time: whoever answers is told once, and again of what late data explains."""

from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from shared.messages import ClocksTold, StagesDigested
from shared.messages.clocks import ClockTold, SlowBody
from tests.notifier.desk import MORNING, Desk

NOTICE = UUID(int=66)


def told(**more: Any) -> ClocksTold:
    """Return what results-ingest tells of two tubes of a checkpoint."""
    late = [
        ClockTold(
            subject="tube",
            code=f"T-{number}",
            category="checkpoint",
            site_code="GATE",
            lab_code="LAB01",
            starts_at=MORNING.isoformat(),
            due_at=MORNING.isoformat(),
            ended_at=None,
            state="broken",
        )
        for number in (1, 2)
    ]
    wanted: dict[str, Any] = {
        "notice_id": NOTICE,
        "revision": 1,
        "level": "breach",
        "stage": "handover",
        "answer_type": "site",
        "answer_code": "GATE",
        "township_code": "TOWN-01",
        "at": MORNING.isoformat(),
        "total": 2,
        "open": 2,
        "explained": 0,
        "worst_minutes": 30,
        "clocks": tuple(late),
    }
    return ClocksTold(**(wanted | more))


@pytest.mark.requirement(66)
async def test_a_site_and_its_town_are_told_once_and_again_of_what_was_explained(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(told(), told(), urgent=True)
    assert await desk.recipients(kind="task.answer") == [("site", "GATE"), ("township", "TOWN-01")]
    notice = (await desk.notices(recipient_type="site"))[0]
    assert (notice["subject"]["type"], notice["subject"]["code"]) == ("site", "GATE")
    assert "2 份样本超过时限未交送样人员" in notice["text"]
    assert [each["subject"]["code"] for each in notice["evidence"]["clocks"]] == ["T-1", "T-2"]
    town = desk.client("cases:respond", area=("township", "TOWN-02"))
    assert (await town.get("/v1/notices")).json()["notices"] == []
    # The newest revision counts, whatever comes after it.
    await desk.tell(told(revision=3, open=0, explained=1), told(revision=2, open=1, explained=1))
    [site] = await desk.notices(recipient_type="site")
    assert (site["evidence"]["open"], site["evidence"]["explained"]) == (0, 1)
    assert "补报后认定按时 1 份" in site["text"]
    waiting = await desk.rows("SELECT FROM notifier.notice WHERE repeat_at IS NOT NULL")
    assert waiting == [], "nothing is open: nobody is reminded"
    await desk.tell(told(revision=4, open=0, explained=2))
    assert {each["status"] for each in await desk.notices(kind="task.answer")} == {"revoked"}


@pytest.mark.requirement(69)
async def test_a_late_laboratory_and_the_cdc_are_told_and_a_warning_goes_to_the_laboratory_alone(
    desk: Desk,
) -> None:
    await desk.founded()
    lab = {"stage": "result", "answer_type": "lab", "answer_code": "LAB01", "township_code": None}
    await desk.tell(told(level="warning", **lab))
    assert await desk.recipients(kind="alert.lab_late") == [("lab", "LAB01")]
    await desk.tell(told(notice_id=UUID(int=67), **lab))
    assert await desk.recipients(kind="alert.lab_late") == [
        ("cdc", "CDC-01"), ("lab", "LAB01"), ("lab", "LAB01"),
    ]  # fmt: skip
    unit = {"stage": "sampling", "answer_type": "unit", "answer_code": "UNIT-01", "township_code": None}
    await desk.tell(told(notice_id=UUID(int=68), **unit))
    assert await desk.recipients(kind="task.answer") == [
        ("department", "DEPT-01"), ("township", "TOWN-01"), ("unit", "UNIT-01"),
    ]  # fmt: skip
    nobody = {"answer_type": "cdc", "answer_code": "", "township_code": None}
    await desk.tell(told(notice_id=UUID(int=69), **nobody))
    assert ("cdc", "CDC-01") in await desk.recipients(kind="task.answer")


@pytest.mark.requirement(63)
async def test_the_slowest_of_a_day_are_told_once_each_reading_only_what_concerns_it(desk: Desk) -> None:
    await desk.founded()
    slow = [
        SlowBody("delivery", "site", "GATE", "TOWN-01", 20, 90.0, 180.0, 300.0),
        SlowBody("delivery", "site", "AWAY", "TOWN-02", 20, 80.0, 150.0, 200.0),
        SlowBody("testing", "lab", "LAB01", None, 40, 200.0, 400.0, 600.0),
    ]
    digest = StagesDigested(day="2037-11-22", bodies=tuple(slow))
    await desk.tell(digest, digest)
    assert await desk.recipients(kind="task.answer") == [
        ("cdc", "CDC-01"), ("lab", "LAB01"), ("site", "AWAY"), ("site", "GATE"),
        ("township", "TOWN-01"), ("township", "TOWN-02"),
    ]  # fmt: skip
    read = {
        each["recipient"]["code"]: [one["body_code"] for one in each["evidence"]["stages"]]
        for each in await desk.notices(kind="task.answer")
    }
    assert (read["CDC-01"], read["TOWN-01"]) == (["GATE", "AWAY", "LAB01"], ["GATE"])
    [cdc] = await desk.notices(recipient_code="CDC-01")
    assert "送样 GATE(九成在 180 分钟内);检测 LAB01(九成在 400 分钟内)" in cdc["text"]
    await desk.tell(structs.replace(digest, day="2037-11-23"))
    assert len(await desk.notices(recipient_code="CDC-01")) == 2
