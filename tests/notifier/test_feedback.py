"""What was sent for an answer is open, answered or closed, has an age, and comes up in the week's bulletin."""

from datetime import timedelta
from typing import Any

import pytest

from tests.notifier.desk import MORNING, Desk
from tests.notifier.test_answers import gaps
from tests.notifier.test_proof import answers_of
from tests.notifier.working import import_list, ok, small, until_bulletins

ANSWER = {"by": "科长", "text": "30 家已逐户核实"}


async def asked(desk: Desk) -> str:
    """Have the department asked, and return its notice."""
    await desk.founded()
    await desk.tell(gaps("department", "DEPT-01"), gaps("township", "TOWN-01"))
    [notice] = await desk.notices(kind="task.answer", recipient_code="DEPT-01")
    return str(notice["notice_id"])


async def listed(client: Any, **filters: Any) -> list[dict[str, Any]]:
    """Return the items that a client sees."""
    found: list[dict[str, Any]] = (await ok(await client.get("/v1/feedback", params=filters)))["items"]
    return found


@pytest.mark.requirement(103)
async def test_an_item_is_open_answered_and_closed_by_somebody_else_and_has_an_age(desk: Desk) -> None:
    path = f"/v1/notices/{await asked(desk)}"
    async with (
        desk.client("cases:respond", area=("department", "DEPT-01")) as department,
        desk.client("cases:respond", area=("township", "TOWN-01")) as town,
        desk.client("admin") as admin,
        desk.client("admin") as second,
    ):
        assert [item["recipient"]["code"] for item in await listed(department)] == ["DEPT-01"]
        for refused in (
            await town.get(f"{path}/answers"),
            await town.post(f"{path}/answers", json=ANSWER),
        ):
            assert refused.status_code == 404
        early = await admin.post(f"{path}/closing", json={"by": "督查员"})
        assert (early.status_code, early.json()["code"]) == (409, "answer_missing")
        interim = await ok(await department.post(f"{path}/answers", json={**ANSWER, "state": "open"}))
        assert (interim["state"], interim["age_days"], interim["overdue"]) == ("open", 0, False)
        await desk.system.set_clock(MORNING + timedelta(days=8, hours=1))
        late = await listed(admin, state="open", department_code="DEPT-01", older_than_days=8)
        assert [(item["age_days"], item["overdue"]) for item in late] == [(8, True)]
        assert await listed(admin, state="open", department_code="DEPT-01", older_than_days=9) == []
        answered = await ok(await department.post(f"{path}/answers", json=ANSWER))
        assert (answered["state"], answered["overdue"]) == ("answered", False)
        [notice] = await desk.notices(kind="task.answer", recipient_code="DEPT-01", subject_code="2037-11")
        assert notice["status"] == "acknowledged"
        assert await ok(await department.post(f"{path}/answers", json=ANSWER)) == answered
        assert (await department.post(f"{path}/closing", json={"by": "科长"})).status_code == 403
        back = await ok(await admin.post(f"{path}/reopening", json={"by": "督查员", "reason": "未附清单"}))
        assert (back["state"], back["age_days"]) == ("open", 0)
        await ok(await admin.post(f"{path}/answers", json=ANSWER))
        own = await admin.post(f"{path}/closing", json={"by": "督查员"})
        assert (own.status_code, own.json()["code"]) == (409, "answer_second_person")
        closed = await ok(await second.post(f"{path}/closing", json={"by": "督查员"}))
        assert await ok(await second.post(f"{path}/closing", json={"by": "督查员"})) == closed
        over = await department.post(f"{path}/answers", json={**ANSWER, "text": "补充"})
        assert (over.status_code, over.json()["code"]) == (409, "answer_closed")
    audited = {row["action"] for row in await desk.rows("SELECT action FROM notifier.audit")}
    assert {f"feedback.{what}" for what in ("list", "answer", "close", "reopen")} <= audited
    kinds = [step["kind"] for step in closed["steps"]]
    assert kinds == ["interim", "answered", "reopened", "answered", "closed"]
    assert await answers_of(desk, "department", "DEPT-01") == [("task.answer", kinds)]
    assert closed["steps"][2]["text"] == "未附清单"
    [row] = await desk.rows("SELECT sealed FROM notifier.feedback_step WHERE number = 1")
    assert "核实".encode() not in row["sealed"]


async def test_what_was_taken_back_or_needs_no_answer_is_no_item(desk: Desk) -> None:
    notice_id = await asked(desk)
    async with desk.client("admin") as admin:
        await ok(await admin.post(f"/v1/notices/{notice_id}/revocation", json={"by": "甲", "reason": "误发"}))
        assert [item["recipient"]["code"] for item in await listed(admin)] == ["TOWN-01"]
        assert (await admin.post(f"/v1/notices/{notice_id}/answers", json=ANSWER)).status_code == 404


@pytest.mark.requirement(102)
@pytest.mark.requirement(103)
async def test_each_body_gets_one_numbered_bulletin_a_week_of_what_is_open_with_it(desk: Desk) -> None:
    notice_id = await asked(desk)
    overdue = {"text": "开展检查", "bodies": ["DEPT-01"], "deadline": "2037-11-24"}
    await import_list(desk, small(overdue, issued_on="2037-11-23"))
    monday = MORNING.date() + timedelta(days=7)
    await desk.system.set_clock(MORNING + timedelta(days=7, hours=-1))
    await until_bulletins(desk, monday)
    told = [one for one in await desk.notices(kind="task.answer") if one["subject"]["type"] == "bulletin"]
    assert sorted(one["recipient"]["code"] for one in told) == ["DEPT-01", "TOWN-01"]
    [mine] = [one for one in told if one["recipient"]["code"] == "DEPT-01"]
    assert (mine["number"], mine["subject"]["code"]) == ("2037-001", "2037-001")
    facts = mine["evidence"]
    assert (facts["since"], facts["last"]) == ("2037-11-23", "2037-11-29")
    assert [facts[name] for name in ("answers", "answers_overdue", "items", "items_overdue")] == [1, 0, 1, 1]
    assert (facts["waiting"][0]["notice_id"], facts["waiting"][0]["age_days"]) == (notice_id, 7)
    assert facts["work_items"][0]["due_on"] == "2037-11-24"
    assert sum(row["issued"] for row in facts["by_kind"]) == facts["issued"] == facts["unacknowledged"]
    assert "待反馈 1 项" in mine["text"]
    async with desk.client("cases:respond", area=("department", "DEPT-01")) as department:
        await ok(await department.post(f"/v1/notices/{notice_id}/answers", json=ANSWER))
        bulletin = f"/v1/notices/{mine['notice_id']}"
        assert (
            await department.get(f"{bulletin}/answers")
        ).status_code == 404  # it is acknowledged, not answered
        await ok(await department.post(f"{bulletin}/acknowledgement", json={"by": "科长"}))
    # The same period is never told again; the next one is numbered on, and says what is left.
    await desk.system.set_clock(MORNING + timedelta(days=14))
    await until_bulletins(desk, monday + timedelta(days=7))
    found = await desk.notices(kind="task.answer", recipient_code="DEPT-01")
    bulletins = [one for one in found if one["subject"]["type"] == "bulletin"]
    assert [one["number"] for one in bulletins] == ["2037-001", "2037-002"]
    assert bulletins[0]["evidence"] == facts
    assert (bulletins[1]["evidence"]["answers"], bulletins[1]["evidence"]["items_overdue"]) == (0, 1)
    [town] = [one for one in await desk.notices(recipient_code="TOWN-01") if one.get("number") == "2037-002"]
    assert (town["evidence"]["answers"], town["evidence"]["answers_overdue"]) == (1, 1)
