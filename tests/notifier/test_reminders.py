"""Reminders: each stage of a person's period once, to the unit and, where there is a phone, to them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec import structs

from notifier.bell import Bell
from tests.notifier.desk import MORNING, Desk, due, evaluated

TODAY = "2037-11-23"


@pytest.mark.requirement(96)
async def test_a_unit_is_told_of_its_people_before_on_and_after_the_due_date(desk: Desk) -> None:
    soon, today, late = uuid4(), uuid4(), uuid4()
    people = [
        due(soon, "due_soon", "2037-11-25", code="HC-0001"),
        due(today, "due", TODAY, code="HC-0002"),
        due(late, "overdue", "2037-11-20", code="HC-0003"),
    ]
    await desk.founded()
    await desk.tell(
        desk.contact(late, "UNIT-01", code="HC-0003", name="王五"), evaluated("UNIT-01", TODAY, people)
    )
    found = await desk.notices(recipient_type="unit")
    assert {one["kind"] for one in found} == {"reminder.due_soon", "reminder.due", "reminder.overdue"}
    overdue = next(one for one in found if one["kind"] == "reminder.overdue")
    assert overdue["subject"] == {"type": "unit", "code": "UNIT-01", "name": "UNIT-01 店"}
    assert overdue["recipient"] == {"type": "unit", "code": "UNIT-01", "name": "UNIT-01 店"}
    assert overdue["evidence"]["people"] == [
        {
            "code": "HC-0003",
            "name_masked": "王*",
            "category_code": "8A1",
            "due_on": "2037-11-20",
            "due_state": "overdue",
            "days_overdue": 3,
        }
    ]
    assert "王*" in overdue["text"]
    assert "王五" not in str(found)


async def test_one_reminder_per_kind_and_day_lists_everybody(desk: Desk) -> None:
    people = [due(uuid4(), "due", TODAY, code=f"HC-1{number:03}") for number in range(30)]
    await desk.founded()
    await desk.tell(evaluated("UNIT-01", TODAY, people[:10]), evaluated("UNIT-01", TODAY, people[10:]))
    found = await desk.notices()
    assert len(found) == 1
    assert len(found[0]["evidence"]["people"]) == 30
    assert "30 人" in found[0]["text"]


@pytest.mark.requirement(34)
async def test_the_overdue_people_of_a_unit_are_a_task_to_be_acknowledged_by_a_time(desk: Desk) -> None:
    people = [due(uuid4(), "overdue", TODAY, code=f"HC-2{number:03}") for number in range(3)]
    await desk.founded()
    await desk.tell(evaluated("UNIT-01", TODAY, people))
    [task] = await desk.notices(kind="reminder.overdue")
    assert task["recipient"]["code"] == "UNIT-01"
    codes = sorted(each["code"] for each in task["evidence"]["people"])
    assert codes == ["HC-2000", "HC-2001", "HC-2002"]
    assert task["ack_due_at"] > task["issued_at"]
    async with desk.client("admin") as admin:
        answer = await admin.post(f"/v1/notices/{task['notice_id']}/acknowledgement", json={"by": "店长"})
    assert answer.json()["status"] == "acknowledged"


@pytest.mark.requirement(96)
async def test_a_person_is_reminded_once_per_stage_of_a_period(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01", phone="13800138000"))
    for day in (TODAY, TODAY, "2037-11-24", "2037-11-25"):
        await desk.tell(evaluated("UNIT-01", day, [due(person, "overdue", "2037-11-20")]))
    assert await desk.recipients() == [("person", "HC-0001"), ("unit", "UNIT-01")]
    await desk.tell(evaluated("UNIT-01", "2037-12-10", [due(person, "overdue", "2037-12-09")]))
    assert len(await desk.notices()) == 4


async def test_an_earlier_stage_that_comes_late_is_not_told_any_more(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(
        evaluated("UNIT-01", "2037-11-24", [due(person, "overdue", TODAY)]),
        evaluated("UNIT-01", TODAY, [due(person, "due", TODAY)]),
    )
    assert [one["kind"] for one in await desk.notices()] == ["reminder.overdue"]


async def test_a_person_without_a_phone_gets_no_reminder_of_their_own(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), evaluated("UNIT-01", TODAY, [due(person, "due", TODAY)]))
    assert await desk.recipients() == [("unit", "UNIT-01")]


async def test_everybody_is_told_of_their_own_day_and_category(desk: Desk) -> None:
    people = [
        (uuid4(), "HC-0001", "due", TODAY, "8A1"),
        (uuid4(), "HC-0002", "overdue", "2037-11-20", "8A1"),
        (uuid4(), "HC-0003", "overdue", "2037-11-19", "8A1"),
        (uuid4(), "HC-0004", "overdue", "2037-11-19", "3B"),
    ]
    await desk.founded()
    for one, code, *_ in people:
        await desk.tell(desk.contact(one, "UNIT-01", code=code, phone="13800138000"))
    listed = [
        structs.replace(due(one, stage, due_on, code=code), category_code=category)
        for one, code, stage, due_on, category in people
    ]
    await desk.tell(evaluated("UNIT-01", TODAY, listed))
    told = {one["recipient"]["code"]: one for one in await desk.notices(recipient_type="person")}
    assert sorted(told) == [code for _, code, *_ in people]
    for _, code, stage, due_on, category in people:
        assert told[code]["kind"] == f"reminder.{stage}"
        assert due_on in told[code]["text"]
        evidence = told[code]["evidence"]
        assert (evidence["category_code"], evidence["due_on"]) == (category, due_on)


async def test_a_person_in_two_units_is_listed_by_both_and_told_once(desk: Desk) -> None:
    person = uuid4()
    one = due(person, "due", TODAY)
    await desk.founded()
    await desk.tell(desk.unit("UNIT-02"), desk.contact(person, "UNIT-01", "UNIT-02", phone="13800138000"))
    await desk.tell(evaluated("UNIT-01", TODAY, [one]), evaluated("UNIT-02", TODAY, [one]))
    assert await desk.recipients() == [("person", "HC-0001"), ("unit", "UNIT-01"), ("unit", "UNIT-02")]


async def test_a_person_without_unit_and_code_is_told_under_the_person_id(desk: Desk) -> None:
    person = uuid4()
    await desk.tell(
        desk.contact(person, code=None, phone="13800138000"),
        evaluated(None, TODAY, [due(person, "due", TODAY, code=None)]),
    )
    notice = (await desk.notices())[0]
    assert notice["recipient"] == {"type": "person", "code": str(person), "name": "张*"}
    assert notice["subject"]["type"] == "person"


async def test_a_contact_that_comes_after_the_evaluation_is_told_and_named(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(evaluated("UNIT-01", TODAY, [due(person, "due", TODAY)]))
    assert await desk.recipients() == [("unit", "UNIT-01")]
    await desk.tell(desk.contact(person, "UNIT-01", phone="13800138000"))
    assert await desk.recipients() == [("person", "HC-0001"), ("unit", "UNIT-01")]
    assert "张*" in (await desk.notices(recipient_type="unit"))[0]["text"]


async def test_what_waits_for_the_end_of_quiet_hours_wakes_no_sender(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(Bell, "ring", lambda _, *, urgent: rung.append(urgent))
    await desk.founded()
    await desk.tell(evaluated("UNIT-01", TODAY, [due(uuid4(), "due", TODAY)]))
    assert rung == [False]
    await desk.system.set_clock(MORNING + timedelta(hours=13))
    await desk.tell(evaluated("UNIT-01", TODAY, [due(uuid4(), "overdue", "2037-11-20")]))
    assert len(await desk.notices()) == 2
    assert rung == [False]


async def test_quiet_hours_delay_the_sending_and_not_the_listing(desk: Desk) -> None:
    await desk.system.set_clock(MORNING + timedelta(hours=13))
    await desk.founded()
    await desk.tell(evaluated("UNIT-01", TODAY, [due(uuid4(), "due", TODAY)]))
    assert [one["status"] for one in await desk.notices()] == ["queued"]
    await desk.system.set_clock(MORNING + timedelta(hours=22, minutes=1))
    handed = await desk.until_handed(1)
    assert handed[0]["recipient_code"] == "UNIT-01"
    await desk.until_status("sent")
