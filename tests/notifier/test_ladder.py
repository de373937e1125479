"""The ladder: one bulletin a week and unit, what each owes, and that it can be neither doubled nor climbed past."""

import asyncio
from typing import Any

import pytest

from notifier.ladder.jobs import on_week_breached
from shared.messages import WeekJudged
from tests.notifier.desk import Desk
from tests.notifier.weeks import (
    breached,
    case_of,
    cases,
    counts,
    judged,
    monday,
    record,
    share,
    tell_week,
    told,
)

DEPARTMENT = ("department", "DEPT-01")


async def founded(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(desk.department("BOSS-01", "district", "leaders"))


@pytest.mark.requirement(97, 98, 99, 100)
async def test_one_two_three_bulletins_and_a_breach_after_the_interview(desk: Desk) -> None:
    """Fixture 6 of 1G."""
    await founded(desk)
    await tell_week(desk, 0)
    first, copy = await desk.notices(kind="bulletin.unit")
    assert {first["number"], copy["number"]} == {"应检督〔2030〕1号"}
    assert sorted(one["recipient"]["type"] for one in (first, copy)) == ["department", "township"]
    assert first["as_of"] == judged(0).isoformat()
    assert first["evidence"]["week"] == {"from": "2030-11-18", "to": "2030-11-24"}
    assert first["evidence"]["people"] == [
        {"code": "HC-0001", "reason": "overdue", "since": "2030-11-18", "category_code": "8A1"}
    ]
    assert "不按频次" in first["text"]
    [report] = await desk.notices(kind="task.written_report")
    assert (report["recipient"]["code"], report["evidence"]["due_on"]) == ("DEPT-01", "2030-12-02")
    assert (await case_of(desk))["stage"] == "written_report"

    await tell_week(desk, 1)
    assert await counts(desk) == (2, 2, 0, 0)
    assert (await case_of(desk))["stage"] == "written_report"

    await tell_week(desk, 2)
    assert await counts(desk) == (3, 2, 1, 0)
    [interview] = await desk.notices(kind="task.interview")
    assert interview["evidence"]["head"] == {"department_code": "DEPT-01", "name_masked": "值*"}
    assert "主要负责同志(值*)" in interview["text"]
    assert (await case_of(desk))["stage"] == "interview"

    # Without a recorded interview there is no way up, however often.
    await tell_week(desk, 3)
    assert await counts(desk) == (4, 2, 2, 0)
    async with desk.client("cases:respond", area=DEPARTMENT) as department:
        assert (await record(desk, department, "written_report")).status_code == 200
        assert (await record(desk, department, "interview")).status_code == 200
    assert await counts(desk) == (4, 2, 2, 0)
    assert (await case_of(desk))["owed"] == []

    await tell_week(desk, 4)
    assert await counts(desk) == (5, 2, 2, 1)
    [upward] = await desk.notices(kind="report.upward")
    assert (upward["recipient"]["type"], upward["recipient"]["code"]) == ("district", "BOSS-01")
    case = await case_of(desk)
    assert (case["stage"], case["count"], case["department_total"]) == ("reported_upward", 5, 5)
    levels = [one["level"] for one in await desk.notices(kind="bulletin.unit", recipient_type="department")]
    assert levels == ["1", "2", "3", "4", "5"]
    assert upward["evidence"]["bulletins"] == [f"应检督〔2030〕{n}号" for n in range(1, 6)]


@pytest.mark.requirement(101)
async def test_whatever_comes_again_or_out_of_order_is_told_once(desk: Desk) -> None:
    await founded(desk)
    judgement = WeekJudged("2030-11-18", breached(0).breach_id, judged(0).isoformat(), 9, 1)
    await desk.system.set_clock(judged(0))
    await desk.tell(judgement, breached(0), breached(0), judgement)
    await tell_week(desk, 2)
    # The second week comes late: it only goes on with what the bulletin of the third has told of.
    await desk.tell(breached(0), breached(1), breached(1), breached(2))
    assert await counts(desk) == (2, 2, 0, 0)
    await tell_week(desk, 3)
    assert await counts(desk) == (3, 2, 1, 0)
    bulletins = await desk.notices(kind="bulletin.unit", recipient_type="township")
    weeks = [one["evidence"]["week"]["from"] for one in bulletins]
    assert weeks == [monday(number).isoformat() for number in (0, 2, 3)]
    async with desk.client("admin") as admin:
        assert (await record(desk, admin, "interview")).status_code == 200
    await desk.tell(breached(2), breached(1), breached(3))  # known weeks are no new breach
    assert await counts(desk) == (3, 2, 1, 0)


@pytest.mark.requirement(101)
async def test_numbers_have_no_gap_under_concurrency_failure_and_the_turn_of_the_year(desk: Desk) -> None:
    await founded(desk)
    units = [f"UNIT-{n:02}" for n in range(1, 13)]
    await desk.tell(*(desk.unit(code) for code in units[1:]))
    await desk.system.set_clock(judged(0))
    context = desk.system.context("notifier")

    async def take(unit: str, *, fails: bool) -> None:
        async with context.db.transaction() as session:
            await on_week_breached(session, breached(0, unit), context)
            await asyncio.sleep(0)
            if fails:
                raise RuntimeError

    twice = [take(unit, fails=fails) for unit in units for fails in (True, False)]
    results = await asyncio.gather(*twice, return_exceptions=True)
    assert sum(isinstance(one, RuntimeError) for one in results) + sum(one is None for one in results) == 24
    await desk.tell(*(breached(0, unit) for unit in units))
    issued = await desk.notices(kind="bulletin.unit", recipient_type="department")
    assert sorted(one["number"] for one in issued) == sorted(f"应检督〔2030〕{n}号" for n in range(1, 13))
    await tell_week(desk, 6)  # judged on 6 January
    [new] = [
        one
        for one in await desk.notices(kind="bulletin.unit", recipient_type="township")
        if "2031" in one["number"]
    ]
    assert new["number"] == "应检督〔2031〕1号"


@pytest.mark.requirement(101)
async def test_a_revoked_bulletin_stops_counting_with_all_that_followed(desk: Desk) -> None:
    await founded(desk)
    for number in range(3):
        await tell_week(desk, number)
    first = (await desk.notices(kind="bulletin.unit", recipient_type="township"))[0]
    path, said = f"/v1/notices/{first['notice_id']}/revocation", {"by": "指挥部", "reason": "误报"}
    async with desk.client("admin", area=("township", "TOWN-01")) as town:
        assert (await town.post(path, json=said)).status_code == 403
    async with desk.client("admin", area=("township", "TOWN-02")) as other:
        assert (await other.post(path, json=said)).status_code == 404
    async with desk.client("admin") as admin:
        gone = await admin.post(path, json=said)
        again = await admin.post(path, json=said)
    assert (gone.status_code, gone.json()["status"]) == (200, "revoked")
    assert (again.status_code, again.json()) == (200, gone.json())
    assert sorted(await told(desk, "bulletin.unit")) == sorted(
        [("department", "DEPT-01", False), ("township", "TOWN-01", False)]
        + [("department", "DEPT-01", True), ("township", "TOWN-01", True)] * 2
    )
    # The first report went with it, the interview too, and the third bulletin is a second one now.
    assert await counts(desk) == (2, 2, 0, 0)
    case = await case_of(desk)
    assert (case["stage"], case["count"]) == ("written_report", 2)
    await desk.tell(breached(0))
    assert await counts(desk) == (2, 2, 0, 0)
    await tell_week(desk, 3)
    assert await counts(desk) == (3, 2, 1, 0)
    numbers = [one["number"] for one in await desk.notices(kind="bulletin.unit", recipient_type="department")]
    assert numbers == [f"应检督〔2030〕{n}号" for n in range(1, 5)]


async def test_when_everything_is_revoked_nothing_is_owed(desk: Desk) -> None:
    await founded(desk)
    await tell_week(desk, 0)
    one = (await desk.notices(kind="bulletin.unit"))[0]
    async with desk.client("admin") as admin:
        await admin.post(
            f"/v1/notices/{one['notice_id']}/revocation", json={"by": "指挥部", "reason": "误报"}
        )
    case = await case_of(desk)
    assert (case["stage"], case["count"], case["owed"]) == ("open", 0, [])
    assert await counts(desk) == (0, 0, 0, 0)


@pytest.mark.settings(written_report_workdays=11)
async def test_a_breach_that_goes_on_counts_again_once_the_report_was_due(desk: Desk) -> None:
    await founded(desk)
    await tell_week(desk, 0)  # due on Tuesday, 10 December
    await tell_week(desk, 1)
    await tell_week(desk, 2)  # judged on 9 December: it goes on
    assert await counts(desk) == (1, 1, 0, 0)
    assert [step["kind"] for step in (await case_of(desk))["steps"]][-2:] == ["continues", "continues"]
    await tell_week(desk, 3)
    assert await counts(desk) == (2, 2, 0, 0)
    await tell_week(desk, 5)  # judged a day before the second is due, and yet new: a clean week lies between
    assert await counts(desk) == (3, 2, 1, 0)


@pytest.mark.settings(ladder_from="2030-12-02")
async def test_before_its_first_day_the_ladder_issues_nothing(desk: Desk) -> None:
    await founded(desk)
    await tell_week(desk, 0)
    assert await cases(desk) == []
    await tell_week(desk, 1)
    assert await counts(desk) == (1, 1, 0, 0)


async def test_a_unit_that_gets_its_department_takes_its_case_and_its_count_along(desk: Desk) -> None:
    await founded(desk)
    await desk.tell(desk.unit("UNIT-02", None))
    for number in (0, 1):
        await tell_week(desk, number, "UNIT-02", department=None)
    assert await told(desk, "task.written_report", unit="UNIT-02") == [("district", "HQ-01", True)] * 2
    assert (await case_of(desk, "UNIT-02"))["department_code"] is None
    await desk.tell(desk.unit("UNIT-02", "DEPT-01", revision=2))
    case = await case_of(desk, "UNIT-02")
    assert (case["department_code"], case["count"]) == ("DEPT-01", 2)
    assert sorted(await told(desk, "task.written_report", unit="UNIT-02")) == [
        ("department", "DEPT-01", True), ("department", "DEPT-01", True),
        ("district", "HQ-01", False), ("district", "HQ-01", False),
    ]  # fmt: skip
    await tell_week(desk, 2, "UNIT-02")
    assert (await case_of(desk, "UNIT-02"))["stage"] == "interview"
    await desk.tell(desk.department("DEPT-02", "department"), desk.unit("UNIT-02", "DEPT-02", revision=3))
    assert await counts(desk, "UNIT-02") == (3, 2, 1, 0)
    assert (await case_of(desk, "UNIT-02"))["department_code"] == "DEPT-02"
    async with desk.client("cases:respond", area=DEPARTMENT) as former:
        assert (await former.get("/v1/cases")).json()["cases"] == []


@pytest.mark.requirement(11, 13)
async def test_a_share_or_a_month_that_was_missed_stands_in_the_evidence(desk: Desk) -> None:
    await founded(desk)
    shares = (share(), share("cover", 100))
    await tell_week(desk, 0, kinds=("coverage",), people=(), people_total=0, shares=shares)
    bulletin = (await desk.notices(kind="bulletin.unit"))[0]
    assert bulletin["evidence"]["kinds"] == ["coverage"]
    shown: list[dict[str, Any]] = bulletin["evidence"]["shares"]
    assert [(one["check"], one["percent"], one["numerator"], one["denominator"]) for one in shown] == [
        ("share", 50, 9, 20), ("cover", 100, 9, 20),
    ]  # fmt: skip
    assert "2 个编码组抽检率或每月覆盖不足" in bulletin["text"]


async def test_a_closed_case_goes_on_counting_until_it_has_stayed_clean(desk: Desk) -> None:
    await founded(desk)
    await tell_week(desk, 0)
    await close(desk)
    await tell_week(desk, 2)
    case = await case_of(desk)
    assert (case["stage"], case["count"], case["closed_at"]) == ("written_report", 2, None)
    await close(desk)  # on 9 December: 90 clean days end on 9 March
    await tell_week(desk, 15)  # the week of 3 March
    assert (await case_of(desk))["count"] == 3
    async with desk.client("admin") as admin:
        assert (await record(desk, admin, "interview")).status_code == 200
    await close(desk)  # on 10 March: until 8 June
    await tell_week(desk, 29)  # the week of 9 June
    case = await case_of(desk)
    assert (case["stage"], case["count"]) == ("written_report", 1)
    assert await desk.notices(kind="report.upward") == []


async def close(desk: Desk) -> None:
    """Record whatever is owed, the rectification and, as another client, the closing."""
    async with desk.client("cases:respond", area=DEPARTMENT) as one, desk.client("cases:respond") as other:
        for owed in {each["kind"] for each in (await case_of(desk))["owed"]} - {"task.interview"}:
            assert (await record(desk, one, owed.partition(".")[2])).status_code == 200
        assert (await record(desk, one, "rectified")).status_code == 200
        answer = await record(desk, other, "closed")
    assert (answer.status_code, answer.json()["stage"]) == (200, "closed")


@pytest.mark.settings(ladder_scope="department")
async def test_a_department_may_be_counted_as_a_whole(desk: Desk) -> None:
    await founded(desk)
    await desk.tell(desk.unit("UNIT-02"), desk.unit("UNIT-03"))
    await tell_week(desk, 0, "UNIT-01", "UNIT-02", "UNIT-03")
    [case] = await cases(desk)
    assert (case["department_code"], case["unit_code"], case["count"], case["stage"]) == (
        "DEPT-01", None, 3, "interview",
    )  # fmt: skip
    assert [one["case_id"] for one in await cases(desk, unit_code="UNIT-02")] == [case["case_id"]]


async def test_what_waits_for_headquarters_goes_there_when_it_is_known(desk: Desk) -> None:
    await desk.tell(desk.department("TOWN-01", "township"), desk.unit("UNIT-01", None))
    await tell_week(desk, 0, department=None)
    await desk.tell(desk.department("HQ-01", "district", "headquarters"))
    copies = [("district", "HQ-01", True), ("township", "TOWN-01", True)]
    assert sorted(await told(desk, "bulletin.unit")) == copies
    assert await told(desk, "task.written_report") == [("district", "HQ-01", True)]
