"""Alerts of positives and pools: to every body, once, in whatever order things arrive."""

from uuid import uuid4

import pytest
from msgspec.structs import replace

from tests.notifier.desk import MORNING, Desk, alarm, pool, reviewed
from tests.support.waiting import until

TOLD = [("cdc", "CDC-01"), ("department", "DEPT-01"), ("township", "TOWN-01")]


@pytest.mark.requirement(127)
async def test_a_positive_is_told_to_the_cdc_the_township_and_the_department(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person), urgent=True)
    assert await desk.recipients() == TOLD
    notice = (await desk.notices(recipient_type="cdc"))[0]
    assert notice["kind"] == "alert.positive"
    assert notice["subject"] == {"type": "person", "code": "HC-0001", "name": "张*"}
    assert notice["recipient"]["name"] == "CDC-01 局"
    assert notice["evidence"]["standing"] == "provisional"
    assert notice["ack_due_at"].startswith("2037-11-23T10:30")


async def test_the_same_alarm_again_makes_no_other_notice(desk: Desk) -> None:
    person = uuid4()
    raised = alarm(person)
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), raised, raised)
    assert await desk.recipients() == TOLD


async def test_a_second_positive_of_somebody_under_alert_makes_no_other_notice(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person), alarm(person))
    assert await desk.recipients() == TOLD


async def test_contacts_that_come_after_the_alarm_are_told_as_if_they_had_come_before(desk: Desk) -> None:
    person = uuid4()
    await desk.tell(alarm(person))
    assert await desk.recipients() == [("cdc", "CDC")]
    await desk.tell(desk.unit("UNIT-01"), desk.contact(person, "UNIT-01"))
    await desk.tell(desk.department("CDC-01", "department", "cdc"))
    assert await desk.recipients() == TOLD


async def test_an_alert_that_cannot_be_addressed_again_stops_no_other_and_is_made_good(desk: Desk) -> None:
    await desk.tell(alarm(uuid4(), subject="HC-0001"), alarm(uuid4(), subject="HC-0002"))
    owner = desk.system.owner
    sealed = await owner.fetchval("SELECT sealed FROM notifier.notice WHERE subject_code = 'HC-0001'")
    broken = "UPDATE notifier.notice SET sealed = $1 WHERE subject_code = 'HC-0001'"
    await owner.execute(broken, b"\0")
    await desk.tell(desk.department("CDC-01", "department", "cdc"))
    assert await told(desk, "CDC-01") == ["HC-0002"]
    [put_off] = await desk.rows("SELECT task FROM bus.put_off")
    assert put_off == {"task": "confirm.alerts"}

    await owner.execute(broken, sealed)
    await owner.execute("UPDATE bus.put_off SET again_at = clock_timestamp()")

    async def both() -> bool:
        return await told(desk, "CDC-01") == ["HC-0001", "HC-0002"]

    await until(both)


async def told(desk: Desk, code: str) -> list[str]:
    """Return whom the notices to a body are about."""
    return sorted(each["subject"]["code"] for each in await desk.notices(recipient_code=code))


async def test_headquarters_stands_in_until_a_department_is_settled(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.unit("UNIT-02", None), desk.contact(person, "UNIT-02"), alarm(person))
    assert await desk.recipients() == [("cdc", "CDC-01"), ("district", "HQ-01"), ("township", "TOWN-01")]
    await desk.tell(desk.unit("UNIT-02", "DEPT-01", revision=2))
    assert ("department", "DEPT-01") in await desk.recipients()


async def test_a_later_positive_item_of_a_unit_is_an_alert_of_its_own(desk: Desk) -> None:
    await desk.founded()
    first = alarm(subject="UNIT-01", subject_type="unit", unit_code="UNIT-01")
    later = alarm(
        subject="UNIT-01", subject_type="unit", unit_code="UNIT-01", collected_at=MORNING.isoformat()
    )
    await desk.tell(first, reviewed(first.result_id, "confirmed"))
    before = await desk.notices()
    await desk.tell(later)
    assert len(await desk.notices()) == 2 * len(before) > 0


async def test_a_positive_item_is_told_to_the_bodies_over_its_unit_and_never_to_the_unit(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(alarm(subject="UNIT-01", subject_type="unit", unit_code="UNIT-01"))
    assert await desk.recipients() == TOLD
    assert (await desk.notices())[0]["subject"] == {"type": "unit", "code": "UNIT-01", "name": "UNIT-01 店"}


@pytest.mark.requirement(77)
async def test_a_pool_is_told_once_per_body_with_counts_and_no_names(desk: Desk) -> None:
    first, second = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(
        desk.contact(first, "UNIT-01"),
        desk.contact(second, "UNIT-01", code="HC-0002", name="李四"),
        pool(first, second),
    )
    assert await desk.recipients(kind="alert.pool") == TOLD
    for notice in await desk.notices(subject_code="T-10"):
        assert notice["evidence"]["members"] == 10
        assert "HC-000" not in str(notice)
        assert "李" not in str(notice)
    township = (await desk.notices(recipient_code="TOWN-01"))[0]
    assert township["evidence"]["members_here"] == 2


async def test_a_confirmed_positive_updates_its_notices(desk: Desk) -> None:
    person, result = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person, result_id=result))
    await desk.tell(reviewed(result, "confirmed"))
    found = await desk.notices()
    assert {one["evidence"]["standing"] for one in found} == {"confirmed"}
    assert all("阳性已确认" in one["text"] for one in found)
    assert len(found) == 3


async def test_a_refuted_positive_revokes_its_notices_and_a_later_one_is_a_new_alert(desk: Desk) -> None:
    person, result = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person, result_id=result))
    await desk.tell(reviewed(result, "refuted"))
    assert {one["status"] for one in await desk.notices()} == {"revoked"}
    await desk.tell(alarm(person))
    assert len(await desk.notices(status="revoked")) == 3
    assert len(await desk.notices()) == 6


async def test_a_verdict_that_comes_before_its_alarm_ends_the_same(desk: Desk) -> None:
    person, result = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(reviewed(result, "refuted"), desk.contact(person, "UNIT-01"))
    await desk.tell(alarm(person, result_id=result))
    assert {one["status"] for one in await desk.notices()} == {"revoked"}
    assert await desk.rows("SELECT FROM notifier.delivery WHERE state IN ('sent', 'queued')") == []


@pytest.mark.parametrize("replaced_first", [True, False])
async def test_a_corrected_positive_that_stays_positive_keeps_one_notice(
    desk: Desk, *, replaced_first: bool
) -> None:
    person, result = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person, result_id=result))
    both = [reviewed(result, "replaced"), alarm(person)]
    await desk.tell(*(both if replaced_first else both[::-1]))
    assert await desk.recipients() == TOLD
    assert "revoked" not in {one["status"] for one in await desk.notices()}


async def test_a_released_positive_is_not_revoked_and_not_repeated(desk: Desk) -> None:
    person, result = uuid4(), uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), alarm(person, result_id=result))
    await desk.tell(reviewed(result, "confirmed"), reviewed(result, "released", revision=2))
    assert {one["evidence"]["standing"] for one in await desk.notices()} == {"released"}
    assert (
        await desk.rows("SELECT FROM notifier.notice WHERE repeat_at IS NOT NULL OR status = 'revoked'") == []
    )


async def test_a_tube_code_used_again_is_another_alert(desk: Desk) -> None:
    await desk.founded()
    first, second = (replace(pool(uuid4()), tube_id=uuid4()) for _ in range(2))
    await desk.tell(first, second)
    assert [one["subject"]["code"] for one in await desk.notices(kind="alert.pool")] == ["T-10", "T-10"]
