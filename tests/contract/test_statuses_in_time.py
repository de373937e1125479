"""Contract §4: what a status becomes by time alone, shown by moving the clock."""

from datetime import datetime, time, timedelta

import pytest

from shared.clock import SHANGHAI
from tests.contract.office import Answer, Office
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


def at_midnight(office: Office, days: int) -> datetime:
    """Return the first moment of the day that many days on."""
    return datetime.combine(office.now.date() + timedelta(days=days), time(), SHANGHAI)


async def noticed(office: Office, cursor: str, code: str) -> Answer:
    """Return the newest change of a person after a cursor, waiting for it as a platform would."""

    async def mine() -> list[Answer]:
        nonlocal cursor
        found, cursor = await office.read_on(cursor)
        return [each for each in found if each["health_code_id"] == code]

    return (await until(mine))[-1]


@pytest.mark.requirement(33)
async def test_a_status_goes_from_ok_to_overdue_at_midnight(office: Office) -> None:
    code = await office.on_duty()
    sampled = office.now.replace(hour=8)
    await office.tested(code, at=sampled)
    _, cursor = await office.read_on()
    due_on = str(sampled.date() + timedelta(days=7))
    versions = [(await office.status(code))["version"]]
    for days, state in ((4, "ok"), (1, "due_soon"), (2, "due_soon")):
        await office.days_on(days)
        status = await office.status(code)
        assert (status["due_on"], status["due_state"]) == (due_on, state)
        assert status["clearance"] == {"allowed": True, "reasons": [], "until": due_on}
    await office.at(at_midnight(office, 1) - timedelta(seconds=30))
    status = await office.status(code)
    assert (status["due_state"], status["clearance"]["allowed"]) == ("due_soon", True)
    _, cursor = await office.read_on(cursor)
    await office.at(at_midnight(office, 1))
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == (due_on, "overdue")
    assert status["clearance"] == {"allowed": False, "reasons": ["overdue"], "until": None}
    change = await noticed(office, cursor, code)
    assert change["due_state"] == "overdue"
    assert change["version"] > versions[0]


async def test_pending_lapses_after_72_hours(office: Office) -> None:
    code = await office.somebody()
    sampled = office.now - timedelta(hours=1)
    await office.sample(code, at=sampled)
    await office.system.settle()
    await office.at(sampled + timedelta(hours=71, minutes=59))
    status = await office.status(code)
    assert (status["display"], datetime.fromisoformat(status["pending_since"])) == ("pending", sampled)
    _, cursor = await office.read_on()
    await office.at(sampled + timedelta(hours=72, seconds=1))
    after = await office.status(code)
    assert (after["display"], after["pending_since"]) == ("none", None)
    change = await noticed(office, cursor, code)
    assert (change["display"], change["pending_since"]) == ("none", None)
    assert change["version"] > status["version"]


async def test_the_older_of_two_tubes_lapses_first(office: Office) -> None:
    code = await office.somebody()
    old, new = office.now - timedelta(hours=71), office.now - timedelta(hours=1)
    for at in (old, new):
        await office.sample(code, at=at)
    await office.system.settle()
    assert datetime.fromisoformat((await office.status(code))["pending_since"]) == old
    await office.at(office.now + timedelta(hours=2))
    status = await office.status(code)
    assert (status["display"], datetime.fromisoformat(status["pending_since"])) == ("pending", new)


async def test_a_sample_taken_in_time_holds_overdue_off_until_the_labs_limit(office: Office) -> None:
    await office.days_on(1)
    code = await office.on_duty("LOCAL-CONTAINER")
    await office.tested(code, at=office.now - timedelta(hours=1))
    await office.days_on(3, time(20))
    sampled = office.now - timedelta(minutes=5)
    await office.sample(code, at=sampled)
    await office.system.settle()
    assert (await office.status(code))["due_state"] == "due_soon"
    await office.days_on(1, time(9))
    status = await office.status(code)
    assert (status["display"], status["due_state"]) == ("negative", "due_soon")
    assert status["clearance"]["allowed"] is False
    assert status["clearance"]["until"] is None
    _, cursor = await office.read_on()
    await office.at(sampled + timedelta(hours=24, seconds=1))
    late = await office.status(code)
    assert late["due_state"] == "overdue"
    change = await noticed(office, cursor, code)
    assert change["due_state"] == "overdue"
    assert change["version"] > status["version"]


async def test_never_tested_and_under_test_comes_back_after_the_labs_limit(office: Office) -> None:
    code = await office.on_duty()
    sampled = office.now - timedelta(minutes=30)
    await office.sample(code, at=sampled)
    await office.system.settle()
    assert (await office.status(code))["due_state"] == "due_soon"
    await office.at(sampled + timedelta(hours=23, minutes=50))
    assert (await office.status(code))["due_state"] == "due_soon"
    await office.at(sampled + timedelta(hours=24, seconds=1))
    status = await office.status(code)
    assert (status["display"], status["due_state"]) == ("pending", "never_tested")
    assert "never_tested" in status["clearance"]["reasons"]


async def test_a_late_result_of_a_sample_in_time_settles_the_duty(office: Office) -> None:
    code = await office.on_duty("LOCAL-CONTAINER")
    await office.tested(code, at=office.now - timedelta(hours=1))
    await office.days_on(3)
    sampled = office.now - timedelta(minutes=5)
    tube = await office.sample(code, at=sampled)
    await office.days_on(2)
    assert (await office.status(code))["due_state"] == "overdue"
    await office.resulted(tube, tested_at=office.now - timedelta(hours=1))
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == (str(sampled.date() + timedelta(days=3)), "due_soon")


async def test_a_duty_to_come_begins_on_its_day(office: Office) -> None:
    code = await office.on_duty(enrolled_on=str(office.now.date() + timedelta(days=1)))
    assert (await office.status(code))["due_state"] == "not_required"
    await office.at(at_midnight(office, 1))
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == (str(office.now.date()), "never_tested")


@pytest.mark.requirement(14)
async def test_the_vaccinated_switch_holds_from_one_month_after_the_last_dose(office: Office) -> None:
    await office.days_on(1)
    today = office.now.date()
    while today.day > 28:
        await office.days_on(1)
        today = office.now.date()
    dose = (today.replace(day=1) - timedelta(days=1)).replace(day=today.day) + timedelta(days=1)
    code = await office.on_duty("8A3", vaccination_completed_on=str(dose))
    await office.tested(code, at=office.now - timedelta(hours=1))
    assert (await office.status(code))["due_on"] == str(today + timedelta(days=14))
    await office.days_on(1)
    month = (today.replace(day=1) + timedelta(days=32)).replace(day=today.day)
    assert (await office.status(code))["due_on"] == str(month)


async def test_a_monthly_duty_is_due_soon_three_days_before(office: Office) -> None:
    while office.now.day > 28:
        await office.days_on(1)
    code = await office.on_duty("8A2")
    sampled = office.now - timedelta(hours=1)
    await office.tested(code, at=sampled)
    due_on = (sampled.date().replace(day=1) + timedelta(days=32)).replace(day=sampled.day)
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == (str(due_on), "ok")
    await office.days_on((due_on - office.now.date()).days - 4)
    assert (await office.status(code))["due_state"] == "ok"
    await office.days_on(1)
    assert (await office.status(code))["due_state"] == "due_soon"
    await office.days_on(3)
    assert (await office.status(code))["clearance"]["allowed"] is True
    await office.days_on(1)
    assert (await office.status(code))["due_state"] == "overdue"
