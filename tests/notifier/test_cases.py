"""Cases over HTTP: whose they are, their steps in order, second persons, deadlines and what is chased."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.notifier.desk import Desk
from tests.notifier.test_proof import answers_of
from tests.notifier.weeks import case_of, counts, judged, now, record, tell_week, told

DEPARTMENT, TOWN = ("department", "DEPT-01"), ("township", "TOWN-01")


async def founded(desk: Desk, *, weeks: int = 1) -> dict[str, Any]:
    """Have a case of so many weeks and return it."""
    await desk.founded()
    for number in range(weeks):
        await tell_week(desk, number)
    return await case_of(desk)


def refused(answer: Any) -> tuple[int, str]:
    """Return how a request was refused: the code of its field, else its own."""
    body = answer.json()
    return answer.status_code, body["errors"][0]["code"] if body["errors"] else body["code"]


@pytest.mark.requirement(99, 135)
async def test_steps_are_taken_in_order_and_closing_needs_a_second_person(desk: Desk) -> None:
    await founded(desk)
    out_of_order = (409, "case_step_out_of_order")
    async with (
        desk.client("cases:respond", area=DEPARTMENT) as one,
        desk.client("cases:respond", area=TOWN) as other,
    ):
        assert refused(await record(desk, one, "interview")) == out_of_order
        assert refused(await record(desk, one, "closed")) == out_of_order
        assert refused(await record(desk, other, "written_report")) == (403, "case_step_not_for_township")
        evidence = {"file": "整改报告.pdf", "pages": 3}
        at = await now(desk)
        done = await record(desk, one, "written_report", at=at, evidence=evidence)
        assert (done.status_code, done.json()["owed"]) == (200, [])
        again = await record(desk, one, "written_report", at=at, evidence=evidence)
        assert again.json() == done.json()
        assert (
            refused(await record(desk, one, "written_report", at=at - timedelta(minutes=1))) == out_of_order
        )
        assert (await record(desk, one, "rectified")).status_code == 200
        assert refused(await record(desk, one, "closed")) == (409, "case_second_person")
        assert (await record(desk, other, "closed", by="镇街办")).json()["stage"] == "closed"
        assert refused(await record(desk, one, "rectified", at=at)) == (409, "case_closed")
    steps = (await case_of(desk))["steps"]
    assert [step["kind"] for step in steps] == [
        "bulletin", "report_owed", "written_report", "rectified", "closed",
    ]  # fmt: skip
    assert steps[0]["basis"] == {"number": "应检督〔2030〕1号", "week": "2030-11-18", "kinds": ["frequency"]}
    assert (steps[0]["client_id"], steps[0]["by"]) == (None, None)
    report, closing = steps[2], steps[4]
    assert (report["by"], report["note"], report["evidence"], report["at"]) == (
        "经办人",
        "已办理",
        evidence,
        at.isoformat(),
    )
    assert closing["basis"] == {"rectified_by": steps[3]["client_id"]}
    assert len({report["client_id"], closing["client_id"]}) == 2
    days = {"from": "2030-11-01", "to": f"{at:%Y-%m-%d}"}
    proven = await answers_of(desk, "department", "DEPT-01", **days)
    assert sorted(proven) == [("bulletin.unit", []), ("task.written_report", ["written_report"])]


async def test_a_case_is_not_closed_while_something_is_owed(desk: Desk) -> None:
    await founded(desk, weeks=3)
    async with desk.client("cases:respond", area=DEPARTMENT) as one, desk.client("admin") as admin:
        assert (await record(desk, one, "rectified")).status_code == 200
        assert refused(await record(desk, admin, "closed")) == (409, "case_step_owed")
        await record(desk, one, "written_report")
        assert refused(await record(desk, admin, "closed")) == (409, "case_step_owed")
        await record(desk, admin, "interview")
        await tell_week(desk, 3)  # in breach again: what was rectified does not hold
        assert refused(await record(desk, admin, "closed")) == (409, "case_step_out_of_order")


@pytest.mark.parametrize(
    ("moved", "code"),
    [(timedelta(days=1), "time_in_future"), (-timedelta(days=1), "case_step_before_case")],
)
async def test_a_step_is_dated_between_its_case_and_now(desk: Desk, moved: timedelta, code: str) -> None:
    await founded(desk)
    async with desk.client("admin") as admin:
        answer = await record(desk, admin, "written_report", at=await now(desk) + moved)
    assert (refused(answer), answer.json()["errors"][0]["field"]) == ((422, code), "at")


async def test_bad_steps_are_refused_by_field_and_echo_nothing(desk: Desk) -> None:
    case = await founded(desk)
    good = {"kind": "written_report", "by": "甲", "at": (await now(desk)).isoformat(), "note": "好"}
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({"kind": "SECRET"}, "kind", "not_allowed"),
        ({"at": "2037-11-23T10:00:00"}, "at", "time_naive"),
        ({"note": " "}, "note", "too_short"),
        ({"evidence": 7}, "evidence", "case_evidence_unfit"),
        ({"evidence": ["SECRET" * 2000]}, "evidence", "case_evidence_unfit"),
        ({"evidence": {"a": ["\x00"]}}, "evidence", "case_evidence_unfit"),
        ({"SECRETS": 1}, "SECRETS", "unknown_field"),
    ]
    async with desk.client("admin") as admin:
        for change, field, code in bad:
            answer = await admin.post(f"/v1/cases/{case['case_id']}/steps", json=good | change)
            [error] = answer.json()["errors"]
            assert (answer.status_code, error["field"], error["code"]) == (422, field, code)
            assert "SECRETSECRET" not in answer.text
    assert await counts(desk) == (1, 1, 0, 0)


async def test_departments_and_townships_see_and_answer_only_their_own(desk: Desk) -> None:
    await founded(desk)
    await desk.tell(
        desk.department("DEPT-02", "department"),
        desk.department("TOWN-02", "township"),
        desk.unit("UNIT-02", "DEPT-02"),
    )
    await tell_week(desk, 1, "UNIT-02", department="DEPT-02")
    first, second = await case_of(desk), await case_of(desk, "UNIT-02")
    seen = {
        DEPARTMENT: [first["case_id"]],
        ("department", "DEPT-02"): [second["case_id"]],
        TOWN: [second["case_id"], first["case_id"]],
        ("township", "TOWN-02"): [],
        ("district", "HQ-01"): [second["case_id"], first["case_id"]],
    }
    for area, wanted in seen.items():
        async with desk.client("cases:respond", area=area) as body:
            page = (await body.get("/v1/cases", params={"limit": 1})).json()
            found = [one["case_id"] for one in page["cases"]]
            while page["next_cursor"]:
                page = (
                    await body.get("/v1/cases", params={"limit": 1, "cursor": page["next_cursor"]})
                ).json()
                found += [one["case_id"] for one in page["cases"]]
            assert found == wanted, area
            for case in (first, second):
                status = 200 if case["case_id"] in wanted else 404
                assert (await body.get(f"/v1/cases/{case['case_id']}")).status_code == status
                if status == 404:
                    answer = await record(desk, body, "rectified", unit=case["unit_code"])
                    assert answer.status_code == 404
    async with desk.client("cases:respond", area=TOWN) as town:
        [case] = (await town.get("/v1/cases", params={"unit_code": "UNIT-01"})).json()["cases"]
    assert [one["recipient"] for one in case["notices"]] == [{"type": "township", "code": "TOWN-01"}]


@pytest.mark.requirement(113)
async def test_a_handover_to_the_discipline_body_is_recorded_once(desk: Desk) -> None:
    case = await founded(desk)
    body = {"by": "指挥部", "at": (await now(desk)).isoformat(), "to": "区纪委监委", "note": "屡整不改"}
    path = f"/v1/cases/{case['case_id']}/handover"
    async with desk.client("cases:respond", area=DEPARTMENT) as department, desk.client("admin") as admin:
        assert (await department.post(path, json=body)).status_code == 403
        first = await admin.post(path, json=body)
        assert (await admin.post(path, json=body)).json() == first.json()
        assert refused(await admin.post(path, json=body | {"at": judged(0).isoformat()})) == (
            409,
            "case_handed_over",
        )
    step = first.json()["steps"][-1]
    assert (step["kind"], step["evidence"], step["basis"]) == (
        "handed_over",
        {"to": "区纪委监委"},
        {"stage": "written_report"},
    )


async def test_a_second_person_extends_a_deadline_and_the_breach_goes_on_until_then(desk: Desk) -> None:
    case = await founded(desk)
    path = f"/v1/cases/{case['case_id']}/extensions"
    wish = {"by": "市场监管局", "due_on": "2030-12-06", "reason": "复查中"}
    async with (
        desk.client("cases:respond", area=DEPARTMENT) as one,
        desk.client("cases:respond", area=DEPARTMENT) as two,
    ):
        for day in ("2030-12-02", "2030-11-22", "2031-03-03"):
            assert refused(await one.post(path, json=wish | {"due_on": day})) == (422, "case_extension_day")
        asked = (await one.post(path, json=wish)).json()
        assert (await one.post(path, json=wish)).json() == asked
        assert refused(await two.post(path, json=wish)) == (409, "case_extension_asked")
        [extension] = asked["extensions"]
        assert (extension["state"], asked["owed"][0]["due_on"]) == ("asked", "2030-12-02")
        decision = f"{path}/{extension['extension_id']}/decision"
        granted = {"verdict": "granted", "by": "指挥部"}
        assert (await two.post(decision, json=granted)).status_code == 403
    async with desk.client("admin") as admin:
        answer = (await admin.post(decision, json=granted)).json()
        assert (await admin.post(decision, json=granted)).json() == answer
        assert refused(await admin.post(decision, json=granted | {"verdict": "refused"})) == (
            409,
            "case_extension_decided",
        )
        assert (answer["owed"][0]["due_on"], answer["owed"][0]["extended"]) == ("2030-12-06", True)
        own = await admin.post(path, json=wish | {"due_on": "2030-12-09"})
        assert refused(
            await admin.post(f"{path}/{own.json()['extensions'][-1]['extension_id']}/decision", json=granted)
        ) == (409, "case_second_person")
    await tell_week(desk, 1)
    assert await counts(desk) == (1, 1, 0, 0)
    await tell_week(desk, 2)
    assert await counts(desk) == (2, 2, 0, 0)


async def chase_at(desk: Desk, moment: datetime) -> list[dict[str, Any]]:
    """Look at the deadlines as the schedule does, and return the steps that say who was chased."""
    from notifier.ladder.deadlines import chase

    await desk.system.set_clock(moment)
    context = desk.system.context("notifier")
    for _ in range(3):
        async with context.db.transaction() as session:
            await chase(session, context)
    return [step for step in (await case_of(desk))["steps"] if step["kind"] == "chased"]


@pytest.mark.requirement(98)
async def test_an_overdue_report_is_opened_again_chased_and_told_to_headquarters(desk: Desk) -> None:
    await founded(desk)
    await desk.system.stop_workers()
    [report] = await desk.notices(kind="task.written_report")
    async with desk.client("cases:respond", area=DEPARTMENT) as department:
        await department.post(f"/v1/notices/{report['notice_id']}/acknowledgement", json={"by": "甲"})
    assert await chase_at(desk, judged(1) + timedelta(hours=10)) == []  # the due day itself
    [first] = await chase_at(desk, judged(1) + timedelta(days=1))
    assert first["basis"]["reopened"]
    [report] = await desk.notices(kind="task.written_report")
    assert report["status"] == "queued"
    repeats = "SELECT reason FROM notifier.delivery d JOIN notifier.notice n USING (notice_id) WHERE n.kind = 'task.written_report' AND reason = 'repeat'"
    assert len(await desk.rows(repeats)) == 1
    assert await told(desk, "report.missing") == []
    # After a long jump one chase stands for all, and headquarters hears of it, once.
    chased = await chase_at(desk, judged(4))
    assert [step["basis"]["chases"] for step in chased] == [1, 15]
    assert await told(desk, "report.missing") == [("district", "HQ-01", True)]
    await chase_at(desk, judged(4) + timedelta(days=3))
    assert len(await told(desk, "report.missing")) == 1
    assert (await case_of(desk))["owed"][0]["overdue"]
    async with desk.client("cases:respond", area=DEPARTMENT) as department:
        await record(desk, department, "written_report")
    before = await desk.rows("SELECT count(*) FROM notifier.delivery")
    await chase_at(desk, judged(8))
    assert await desk.rows("SELECT count(*) FROM notifier.delivery") == before
    [report] = await desk.notices(kind="task.written_report")
    [missing] = await desk.notices(kind="report.missing")
    assert all(one["text"].startswith("【2030-12-26 已办结】") for one in (report, missing))


async def test_a_bulletin_that_nobody_acknowledges_is_sent_again_on_workdays(desk: Desk) -> None:
    from notifier.sending.repeats import repeat_due

    await founded(desk)
    await desk.system.stop_workers()
    context = desk.system.context("notifier")
    copy = (await desk.notices(kind="bulletin.unit", recipient_type="township"))[0]
    async with desk.client("cases:respond", area=TOWN) as town:
        await town.post(f"/v1/notices/{copy['notice_id']}/acknowledgement", json={"by": "镇街"})

    async def repeats(moment: datetime) -> int:
        await desk.system.set_clock(moment)
        async with context.db.transaction() as session:
            await repeat_due(session, context)
        rows = await desk.rows(
            "SELECT recipient_type FROM notifier.delivery JOIN notifier.notice USING (notice_id)"
            " WHERE kind = 'bulletin.unit' AND reason = 'repeat'"
        )
        assert {row["recipient_type"] for row in rows} <= {"department"}
        return len(rows)

    issued = judged(0)
    found = [
        await repeats(issued + timedelta(days=days, hours=1, minutes=days))
        for days in (1, 2, 2, 3, 4, 5, 6, 30, 30)
    ]
    assert found == [0, 1, 1, 2, 3, 3, 3, 4, 4]
    assert len(await desk.notices(kind="bulletin.unit")) == 2
