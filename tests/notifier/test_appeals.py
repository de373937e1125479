"""Whoever must decide an appeal is told by when; all concerned hear what came of it."""

from uuid import UUID, uuid4

from msgspec import structs

from shared.messages import AppealChanged
from tests.notifier.desk import MORNING, Desk


def appeal(person_id: UUID | None, claim: str, **more: object) -> AppealChanged:
    values: dict[str, object] = {
        "appeal_id": uuid4(), "revision": 1, "claim": claim, "state": "open", "late": False,
        "subject_type": "person" if person_id else "unit", "subject_code": "HC-0001" if person_id else "UNIT-01",
        "person_id": person_id, "unit_code": None if person_id else "UNIT-01",
        "due_at": MORNING.replace(day=25).isoformat(), "at": MORNING.isoformat(), **more,
    }  # fmt: skip
    return AppealChanged(**values)  # type: ignore[arg-type] # of the right types


async def test_a_result_is_the_cdcs_to_decide_and_everything_else_the_towns_and_departments(
    desk: Desk,
) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), appeal(person, "result_not_mine"))
    assert await desk.recipients(kind="task.answer") == [("cdc", "CDC-01")]
    await desk.tell(appeal(person, "duty_wrong"), appeal(None, "finding_wrong"))
    assert await desk.recipients(kind="task.answer") == [
        ("cdc", "CDC-01"),
        *[("department", "DEPT-01")] * 2,
        *[("township", "TOWN-01")] * 2,
    ]
    notice = (await desk.notices(recipient_type="cdc"))[0]
    assert "2037-11-25" in notice["text"]
    assert notice["evidence"]["claim"] == "result_not_mine"


async def test_the_newest_state_stands_in_whatever_order_it_came(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    first = appeal(person, "result_wrong")
    second = structs.replace(first, revision=2, state="upheld")
    third = structs.replace(first, revision=3, state="corrected")
    await desk.tell(desk.contact(person, "UNIT-01"), first, third, second)
    assert await desk.recipients(kind="task.answer") == [("cdc", "CDC-01"), ("person", "HC-0001")]
    assert {notice["evidence"]["state"] for notice in await desk.notices(kind="task.answer")} == {"corrected"}


async def test_what_nobody_decides_in_time_goes_to_headquarters_and_a_withdrawn_one_is_revoked(
    desk: Desk,
) -> None:
    await desk.founded()
    first = appeal(None, "finding_wrong")
    await desk.tell(first, structs.replace(first, revision=2, late=True))
    assert ("district", "HQ-01") in await desk.recipients(kind="task.answer")
    await desk.tell(structs.replace(first, revision=3, state="withdrawn"))
    assert {notice["status"] for notice in await desk.notices(kind="task.answer")} == {"revoked"}
