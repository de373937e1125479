"""Inspections: each problem is ordered to be put right, re-checked, closed by a second client, or chased."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.messages import FindingEnded, FindingRecorded, SamplesUnexplained
from shared.messages.findings import FoundPerson
from tests.notifier.desk import MORNING, Desk
from tests.notifier.inspecting import (
    CDC,
    DEPT,
    FOUND,
    PROOF,
    TOWN,
    code,
    inspection,
    ok,
    staffed,
    step,
    taken,
    until_asked,
)

LATER = "2037-12-10"


async def order_of(desk: Desk, number: str) -> list[dict[str, Any]]:
    found = await desk.notices(kind="task.rectification")
    return [each for each in found if each.get("number") == number]


@pytest.mark.requirement(104)
@pytest.mark.requirement(105)
@pytest.mark.requirement(108)
@pytest.mark.requirement(110)
@pytest.mark.requirement(154)
async def test_every_problem_has_its_order_and_closes_with_proof_by_another_client(desk: Desk) -> None:
    async with (
        desk.client("admin") as admin,
        desk.client("cases:respond", area=DEPT) as owner,
        desk.client("cases:respond", area=DEPT) as second,
        desk.client("cases:respond", area=("township", "TOWN-02")) as other,
    ):
        await staffed(desk, admin)
        wanted = inspection("V-1", FOUND, FOUND | {"kind_code": "LEDGER", "shape": "common"})
        first = await ok(owner.post("/v1/inspections", json=wanted))
        assert (await owner.post("/v1/inspections", json=wanted)).status_code == 200
        changed = inspection("V-1", FOUND)
        assert await code(owner.post("/v1/inspections", json=changed)) == "inspection_in_use"
        assert (await other.post("/v1/inspections", json=inspection("V-9", FOUND))).status_code == 404
        assert [one["name_masked"] for one in first["inspectors"]] == ["检*", "检*"]
        for number, kind in enumerate(("concentrated", "unannounced"), start=2):
            await ok(admin.post("/v1/inspections", json=inspection(f"V-{number}", FOUND, kind=kind)))
        await ok(admin.post("/v1/inspections", json=inspection("V-4")))  # finds nothing: no order, no number
        kinds = [one["kind"] for one in (await ok(admin.get("/v1/inspections")))["inspections"]]
        assert kinds == ["routine", "unannounced", "concentrated", "routine"]
        numbers = [f"DEPT-01整改〔2037〕{number}号" for number in (1, 2, 3)]
        assert sorted({each["number"] for each in await desk.notices(kind="task.rectification")}) == numbers
        order = await order_of(desk, numbers[0])
        assert {each["recipient"]["code"] for each in order} == {"UNIT-01", "TOWN-01", "DEPT-01"}
        assert [each["due_on"] for each in order[0]["evidence"]["problems"]] == ["2037-11-26", "2037-11-30"]
        await closes_with_proof(owner, second, first["found"][0]["problem_id"])
        [unit_order] = [one for one in await order_of(desk, numbers[0]) if one["recipient"]["type"] == "unit"]
        assert "已销号" in unit_order["text"]
        report = await ok(owner.get("/v1/rectification-report"))
        assert report["figures"] == {"inspections": 4, "problems": 4, "without_notice": 0, "closed": 1,
                                     "open": 3, "late": 0, "recheck_late": 0, "repeated": 2, "listed": 0, "stopped": 0}  # fmt: skip
        assert [(one["kind_code"], one["targets"]) for one in report["common"]] == [("LEDGER", 1)]
        [group] = report["individual"]
        assert {one["measure"] for one in group["problems"]} == {"立即补检"}
        await numbers_have_no_gap(desk, admin)
        # An order that is revoked leaves its problem without one, by name.
        path = f"/v1/notices/{unit_order['notice_id']}/revocation"
        await ok(admin.post(path, json={"by": "指挥部", "reason": "误发"}))
        listed = await ok(admin.get("/v1/problems", params={"without_notice": "true"}))
        assert {one["number"] for one in listed["problems"]} == {numbers[0]}
        for page, name in (
            ("problems", "problems"),
            ("inspections", "inspections"),
            ("issue-ledger", "items"),
        ):
            assert (await ok(other.get(f"/v1/{page}")))[name] == []
        assert (await ok(other.get("/v1/rectification-report")))["figures"]["problems"] == 0
        for path in (f"problems/{first['found'][0]['problem_id']}", f"inspections/{first['inspection_id']}"):
            assert (await other.get(f"/v1/{path}")).status_code == 404
        assert (await taken(other, first["found"][0]["problem_id"], "closed")).status_code == 404


async def numbers_have_no_gap(desk: Desk, admin: Any) -> None:
    """Record many at once, some of them twice and some that are refused."""
    bodies = [inspection(f"N-{number % 5}", FOUND | {"kind_code": "OTHER"}) for number in range(10)]
    bodies += [inspection(f"X-{number}", FOUND | {"kind_code": "NONE"}) for number in range(3)]
    answers = await asyncio.gather(*(admin.post("/v1/inspections", json=body) for body in bodies))
    assert Counter(one.status_code for one in answers) == {201: 5, 200: 5, 422: 3}
    rows = await desk.rows("SELECT number FROM notifier.rectification")
    counts = sorted(int(row["number"].partition("〕")[2].rstrip("号")) for row in rows)
    assert counts == list(range(1, 9))


async def closes_with_proof(owner: Any, second: Any, problem: str) -> None:
    """Take a problem to its closing, past everything that must be refused on the way."""
    assert await code(taken(second, problem, "closed")) == "problem_without_proof"
    assert await code(taken(owner, problem, "evidence")) == "step_field_needed"
    await step(owner, problem, "evidence", evidence=PROOF)
    assert await code(taken(owner, problem, "recheck_passed")) == "problem_second_person"
    past = {"due_on": "2037-11-20"}
    assert await code(taken(second, problem, "recheck_failed", **past)) == "deadline_in_past"
    failed = await step(second, problem, "recheck_failed", due_on=LATER)
    assert (failed["state"], failed["due_on"]) == ("open", LATER)
    await step(owner, problem, "evidence", evidence=PROOF)
    await step(second, problem, "recheck_passed")
    again = await step(second, problem, "close_refused", due_on=LATER)
    assert again["state"] == "open"
    await step(owner, problem, "evidence", evidence=PROOF)
    assert await code(taken(second, problem, "closed")) == "problem_not_rechecked"
    await step(second, problem, "recheck_passed")
    assert await code(taken(owner, problem, "closed")) == "problem_second_person"
    done = await step(second, problem, "closed")
    assert done["state"] == "closed"
    assert [one["kind"] for one in done["steps"]] == [
        "evidence", "recheck_failed", "evidence", "recheck_passed", "close_refused", "evidence",
        "recheck_passed", "closed",
    ]  # fmt: skip
    assert len({one["client_id"] for one in done["steps"]}) == 2
    assert await code(taken(second, problem, "evidence", evidence=PROOF)) == "problem_closed"


@pytest.mark.requirement(106)
@pytest.mark.requirement(107)
@pytest.mark.requirement(109)
@pytest.mark.requirement(112)
@pytest.mark.requirement(114)
async def test_what_is_left_is_chased_extended_carried_over_and_raised_when_it_comes_again(
    desk: Desk,
) -> None:
    async with (
        desk.client("admin") as admin,
        desk.client("cases:respond", area=TOWN) as owner,
        desk.client("cases:respond", area=DEPT) as second,
    ):
        await staffed(desk, admin)
        await desk.tell(registry_finding())
        found = await ok(
            admin.post("/v1/inspections", json=inspection("V-1", FOUND, FOUND | {"kind_code": "LEDGER"}))
        )
        late, asked = (one["problem_id"] for one in found["found"])
        await step(owner, asked, "extension_asked", due_on=LATER)
        assert await code(taken(owner, asked, "extended")) == "problem_second_person"
        assert (await step(second, asked, "extended"))["due_on"] == LATER
        assert await code(taken(second, asked, "extended")) == "extension_not_asked"
        await step(second, asked, "listed", owner="分管领导", review_on="2037-12-01")
        await step(second, late, "stopped")
        await step(second, late, "penalty", penalty_no="卫罚〔2037〕1号")
        assert [one["problem_id"] for one in await listed(admin, stopped="true")] == [late]
        await stays_stopped_until_accepted(owner, second, late)
        # Tuesday of the next week: one is late, both were carried over and pushed.
        await desk.system.set_clock(MORNING + timedelta(days=8))
        chased = await until_asked(desk, 3, text="整改逾期")
        assert {each["recipient"]["code"] for each in chased} == {"UNIT-01", "TOWN-01", "DEPT-01"}
        recalled = await until_asked(desk, 2, text="挂牌督办")
        assert {each["recipient"]["code"] for each in recalled} == {"TOWN-01", "DEPT-01"}
        pushed = await until_asked(desk, 2, text="问题清单")
        assert [each["evidence"]["total"] for each in pushed] == [3, 3]
        assert len(await until_asked(desk, 3, text="整改逾期")) == 3  # the schedules came round meanwhile
        again = inspection("V-2", FOUND, FOUND | {"kind_code": "OTHER"}, day="2037-12-01")
        repeated, fresh = (await ok(second.post("/v1/inspections", json=again)))["found"]
        assert (repeated["level"], repeated["previous_id"], fresh["level"]) == (2, late, 1)
        order = await order_of(desk, "DEPT-01整改〔2037〕2号")
        assert {each["recipient"]["code"] for each in order} == {"UNIT-01", "TOWN-01", "DEPT-01", "HQ-01"}
        assert {each["level"] for each in order} == {"2"}
        await desk.tell(FindingEnded(FINDING, "closed", MORNING.isoformat()))
        await ledgers_add_up(owner)
        # Outside the window it is a first time again; nothing is chased twice for a day.
        await desk.system.set_clock(MORNING + timedelta(days=200))
        much_later = inspection("V-3", FOUND, day="2027-06-11")
        [first_again] = (await ok(admin.post("/v1/inspections", json=much_later)))["found"]
        assert (first_again["level"], first_again["previous_id"]) == (1, None)


FINDING = uuid4()


def registry_finding() -> FindingRecorded:
    people = (FoundPerson("not_enrolled", "2037-11-23"),)
    return FindingRecorded(
        FINDING, "coverage", "spot_check", "UNIT-01", "2037-11-01", "2037-11-23", MORNING.isoformat(), people
    )


async def listed(client: Any, **filters: str) -> Any:
    return (await ok(client.get("/v1/problems", params=filters)))["problems"]


async def stays_stopped_until_accepted(owner: Any, second: Any, problem: str) -> None:
    """Repair what is stopped: it cannot be closed before it was accepted; then let the closing be refused."""
    await step(owner, problem, "evidence", evidence=PROOF)
    await step(second, problem, "recheck_passed")
    assert await code(taken(second, problem, "closed")) == "target_still_stopped"
    assert await code(taken(owner, problem, "accepted")) == "problem_second_person"
    assert not (await step(second, problem, "accepted"))["stopped"]
    again = await step(second, problem, "close_refused", due_on="2037-11-27")
    assert [one["penalty_no"] for one in again["steps"] if one["kind"] == "penalty"] == ["卫罚〔2037〕1号"]


async def ledgers_add_up(client: Any) -> None:
    """Read this week and the last: what was left open then stands first now."""
    before = await ok(client.get("/v1/issue-ledger", params={"on": "2037-11-29"}))
    assert before["figures"] == {"carried": 0, "new": 3, "closed": 0, "open": 3, "late": 1}
    now = await ok(client.get("/v1/issue-ledger"))
    assert now["figures"] == {"carried": 3, "new": 2, "closed": 1, "open": 4, "late": 1}
    assert [one["carried"] for one in now["items"]] == [1, 1, 1, 0, 0]
    assert sorted(one["source"] for one in now["items"]) == ["inspection"] * 4 + ["registry"]
    first = await ok(client.get("/v1/issue-ledger", params={"limit": 3}))
    rest = await ok(client.get("/v1/issue-ledger", params={"cursor": first["next_cursor"]}))
    assert [one["item_id"] for one in first["items"] + rest["items"]] == [
        one["item_id"] for one in now["items"]
    ]


@pytest.mark.requirement(115)
@pytest.mark.requirement(132)
async def test_laboratories_are_supervised_by_cause_and_lists_turn_into_problems(desk: Desk) -> None:
    async with (
        desk.client("admin") as admin,
        desk.client("reviews:write") as cdc,
        desk.client("cases:respond", area=CDC) as office,
        desk.client("cases:respond", area=DEPT) as department,
    ):
        await staffed(desk, admin)
        days = {"2037-11-22": {"not_uploaded": 7, "not_shown": 1}}
        for lab in ("LAB01", "LAB02"):
            await desk.tell(SamplesUnexplained("2037-11-23", MORNING.isoformat(), "lab", lab, None, days))
        late = {"kind_code": "LAB-UPLOAD", "cause": "not_uploaded", "note": "上传滞后"}
        visit = inspection("L-1", late, target_type="lab", target_code="LAB01")
        made = await ok(cdc.post("/v1/inspections", json=visit))
        assert {each["recipient"]["code"] for each in await order_of(desk, made["number"])} == {
            "LAB01",
            "CDC-01",
        }
        rows = (await ok(office.get("/v1/lab-supervision")))["labs"]
        assert [(one["lab_code"], one["visits"], one["causes"], one["told"]) for one in rows] == [
            ("LAB02", 0, {}, days["2037-11-22"]), ("LAB01", 1, {"not_uploaded": 1}, days["2037-11-22"]),
        ]  # fmt: skip
        assert [one["cause"] for one in await listed(office, target_code="LAB01")] == ["not_uploaded"]
        assert (await ok(department.get("/v1/lab-supervision")))["labs"] == []
        assert await listed(department, target_type="lab") == []
        assert (
            await department.post("/v1/inspections", json=visit | {"inspection_no": "L-2"})
        ).status_code == 404
        assert (
            await cdc.post("/v1/inspections", json=inspection("V-1"))
        ).status_code == 404  # no business of its
        assert await code(admin.post("/v1/inspections", json=inspection("V-2", late))) == "cause_only_of_labs"
        await lists_become_problems(admin)


async def lists_become_problems(admin: Any) -> None:
    """Go through the printed list, refuse a gap in it, and follow it with a version of a later day."""
    shown = {one["checklist_code"]: one for one in (await ok(admin.get("/v1/checklists")))["checklists"]}
    assert {name: len(one["items"]) for name, one in shown.items()} == {
        "HOSPITAL-ENTRY": 4 + 7, "SCHOOL": 4, "WORKPLACE": 5,
    }  # fmt: skip
    items = shown["HOSPITAL-ENTRY"]["items"]
    answers = [{"item": one["item"], "answer": "no" if one["item"] == "BAN-5" else "yes"} for one in items]
    wanted = inspection("C-1", checklist_code="HOSPITAL-ENTRY", answers=answers)
    partly = wanted | {"answers": answers[:-1]}
    assert await code(admin.post("/v1/inspections", json=partly)) == "checklist_item_unanswered"
    made = await ok(admin.post("/v1/inspections", json=wanted))
    assert [(one["kind_code"], one["due_on"]) for one in made["found"]] == [("BAN-5", "2037-11-24")]
    newer = {name: shown["SCHOOL"][name] for name in ("checklist_code", "name_zh", "name_en")}
    newer |= {"effective_from": "2037-11-24", "items": shown["SCHOOL"]["items"][:1]}
    assert (await admin.post("/v1/checklists", json=newer)).status_code == 201
    assert (await admin.post("/v1/checklists", json=newer)).status_code == 200
    other = newer | {"items": shown["SCHOOL"]["items"][:2]}
    assert await code(admin.post("/v1/checklists", json=other)) == "checklist_in_use"
    past = newer | {"effective_from": "2037-11-20"}
    assert await code(admin.post("/v1/checklists", json=past)) == "checklist_in_past"
    assert len((await ok(admin.get("/v1/checklists", params={"all": "true"})))["checklists"]) == 4
