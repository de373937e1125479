"""Contract §6: reminders before, on and after the due date, as the clock goes on."""

from datetime import timedelta

import pytest

from tests.contract.intake import bodies, matched, result
from tests.contract.office import REMINDERS, Answer, Office
from tests.support.waiting import until
from tests.system.people import UNIT, text, until_done

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def evaluated(office: Office) -> Answer:
    """Evaluate the business now and wait until all are told."""
    answer = await office.admin.post("/v1/evaluations", json={})
    assert answer.status_code == 202, answer.text
    found = await until_done(office.admin, f"/v1/evaluations/{answer.json()['evaluation_id']}")
    await office.system.settle()
    return found


async def told(office: Office, recipient: str) -> list[Answer]:
    """Return the reminders of today's stage to somebody."""
    found = [one for one in await office.notices(recipient_code=recipient) if one["kind"] in REMINDERS]
    return [one for one in found if one["issued_at"][:10] == str(office.now.date())]


@pytest.mark.requirement(96)
async def test_a_week_of_reminders_to_unit_and_person(office: Office) -> None:
    with_phone = [await office.on_duty("LOCAL-CATERING", phone="13800138001") for _ in range(2)]
    without = await office.on_duty("LOCAL-CATERING")
    codes = [*with_phone, without]
    await matched(office, *(result(office, health_code_id=code) for code in codes))
    due_on = {(await office.status(code))["due_on"] for code in codes}
    assert due_on == {str(office.now.date() + timedelta(days=7))}

    await office.days_on(4)
    await evaluated(office)
    assert await told(office, UNIT) == []

    for days, kind in ((1, "reminder.due_soon"), (2, "reminder.due"), (1, "reminder.overdue")):
        await office.days_on(days)
        await evaluated(office)
        [unit] = await told(office, UNIT)
        assert unit["kind"] == kind, (kind, unit)
        assert unit["recipient"]["type"] == "unit"
        assert (unit["subject"]["type"], unit["subject"]["code"]) == ("unit", UNIT)
        assert all(code in str(unit["evidence"]) or code in unit["text"] for code in codes), unit
        assert [one["kind"] for one in await told(office, without)] == []
        for code in with_phone:
            [mine] = await told(office, code)
            assert (mine["kind"], mine["recipient"]["type"]) == (kind, "person")
        await evaluated(office)
        assert len(await told(office, UNIT)) == 1
        assert unit.get("text")

    await matched(office, *(result(office, health_code_id=code) for code in codes))


@pytest.mark.requirement(96)
async def test_somebody_without_a_code_is_named_by_the_person_id(office: Office) -> None:
    row = office.row(code=False, unit_code=UNIT, category_code="LOCAL-CATERING", phone="13800138002")
    await office.register(row)
    await matched(office, result(office, id_type="resident_id", id_no=row["id_no"]))
    await office.days_on(7)
    await evaluated(office)
    people = await office.notices(kind="reminder.due", recipient_type="person")
    [shown] = [code for one in people if not (code := one["recipient"]["code"]).startswith("HC-")]
    ledger = await office.records.get(f"/v1/people/{shown}/ledger")
    assert ledger.status_code == 200, ledger.text
    await matched(office, result(office, id_type="resident_id", id_no=row["id_no"]))


async def test_a_jump_of_the_clock_tells_the_new_days_stage_only(office: Office) -> None:
    code = await office.on_duty("LOCAL-CATERING", phone="13800138003")
    await matched(office, result(office, health_code_id=code))
    await office.days_on(12)
    await evaluated(office)
    mine = await office.notices(recipient_code=code)
    assert [one["kind"] for one in mine] == ["reminder.overdue"]


async def test_the_exempt_are_not_reminded(office: Office) -> None:
    code = await office.on_duty("LOCAL-CATERING", phone="13800138004")
    await matched(office, result(office, health_code_id=code))
    assert (await office.exempt(code, "leave", 0, 30)).is_success
    await office.days_on(7)
    await evaluated(office)
    assert await office.notices(recipient_code=code) == []


async def test_the_same_day_again_tells_nobody_twice(office: Office) -> None:
    code = await office.on_duty("LOCAL-CATERING", phone="13800138005")
    await matched(office, result(office, health_code_id=code))
    await office.days_on(7)
    first = await evaluated(office)
    again = await evaluated(office)
    assert (first["as_of"][:10], again["as_of"][:10]) == (str(office.now.date()),) * 2
    assert [one["kind"] for one in await office.notices(recipient_code=code)] == ["reminder.due"]
    later = await office.admin.post("/v1/evaluations", json={"as_of": text(office.now + timedelta(days=1))})
    assert later.status_code == 422, later.text


async def test_reminders_go_out_without_anybody_asking_for_an_evaluation(office: Office) -> None:
    code = await office.on_duty("LOCAL-CATERING", phone="13800138006")
    await matched(office, result(office, health_code_id=code))
    await office.days_on(7)

    async def reminded() -> bool:
        return bool(await office.notices(recipient_code=code, kind="reminder.due"))

    await until(reminded)
    assert bodies(await office.notices(recipient_code=code)) == [("person", code)]


async def test_the_never_tested_are_on_the_units_list_of_overdue(office: Office) -> None:
    code = await office.on_duty("LOCAL-CATERING", phone="13800138007")
    await office.days_on(1)
    await evaluated(office)
    [unit] = await told(office, UNIT)
    assert unit["kind"] == "reminder.overdue"
    assert code in str(unit)
