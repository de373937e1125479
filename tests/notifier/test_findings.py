"""A finding of registry becomes an order to the unit, and ends with it."""

from uuid import UUID, uuid4

import pytest

from shared.messages import FindingEnded, FindingRecorded, ShareMissed
from shared.messages.findings import FoundPerson
from tests.notifier.desk import MORNING, Desk


def finding(kind: str = "coverage", finding_id: UUID | None = None) -> FindingRecorded:
    people = (
        FoundPerson("not_enrolled", "2037-11-23"),
        FoundPerson("no_record", "2037-11-01", uuid4(), "HC-0001"),
    )
    late = (FoundPerson("overdue", "2037-11-20", uuid4(), "HC-0002"),)
    return FindingRecorded(
        finding_id=finding_id or uuid4(),
        kind=kind,
        source="spot_check",
        unit_code="UNIT-01",
        period_from="2037-11-01",
        period_to="2037-11-23",
        found_at=MORNING.isoformat(),
        people=people if kind == "coverage" else late,
    )


def ended(order: FindingRecorded, state: str) -> FindingEnded:
    return FindingEnded(order.finding_id, state, MORNING.isoformat())


@pytest.mark.requirement(35)
@pytest.mark.requirement(37)
async def test_the_unit_is_ordered_once_to_put_each_kind_right(desk: Desk) -> None:
    await desk.founded()
    coverage = finding()
    await desk.tell(coverage, coverage, finding("frequency"))
    notices = await desk.notices(kind="task.rectification")
    assert [(n["recipient"]["type"], n["recipient"]["code"], n["evidence"]["kind"]) for n in notices] == [
        ("unit", "UNIT-01", "coverage"),
        ("unit", "UNIT-01", "frequency"),
    ]
    first = notices[0]
    assert first["evidence"]["period"] == {"from": "2037-11-01", "to": "2037-11-23"}
    assert [each["code"] for each in first["evidence"]["people"]] == [None, "HC-0001"]
    assert first["evidence"]["not_registered"] == 1
    assert "不全员" in first["text"]
    assert "不按频次" in notices[1]["text"]


async def test_an_order_says_when_it_was_put_right_and_is_revoked_when_it_was_none(desk: Desk) -> None:
    await desk.founded()
    right, wrong = finding(), finding("frequency")
    await desk.tell(
        right, wrong, ended(right, "closed"), ended(right, "withdrawn"), ended(wrong, "withdrawn")
    )
    done, gone = await desk.notices(kind="task.rectification")
    assert done["text"].startswith("【2037-11-23 已整改】")
    assert done["status"] != "revoked"
    assert gone["status"] == "revoked"


async def test_an_end_that_is_heard_of_first_holds_for_the_order_that_follows(desk: Desk) -> None:
    await desk.founded()
    order = finding()
    await desk.tell(ended(order, "withdrawn"), order, order)
    [notice] = await desk.notices(kind="task.rectification")
    assert notice["status"] == "revoked"


@pytest.mark.requirement(12)
async def test_a_missed_share_orders_the_unit_to_make_it_up_and_ends_with_it(desk: Desk) -> None:
    await desk.founded()
    missed = ShareMissed(
        finding_id=uuid4(),
        unit_code="UNIT-01",
        department_in_unit="骨科",
        category_code="8A3",
        check="share",
        period_from="2037-11-16",
        period_to="2037-11-22",
        percent=50,
        numerator=9,
        denominator=20,
        found_at=MORNING.isoformat(),
        people=(FoundPerson("not_sampled", "2037-11-16", uuid4(), "HC-0002"),),
    )
    await desk.tell(missed, missed)
    [notice] = await desk.notices(kind="task.rectification")
    assert (notice["recipient"]["code"], notice["evidence"]["source"]) == ("UNIT-01", "share")
    names = ("department_in_unit", "category_code", "percent", "numerator", "denominator")
    assert [notice["evidence"][name] for name in names] == ["骨科", "8A3", 50, 9, 20]
    assert "至少 1 人补检" in notice["text"]
    await desk.tell(FindingEnded(missed.finding_id, "closed", MORNING.isoformat()))
    [done] = await desk.notices(kind="task.rectification")
    assert done["text"].startswith("【2037-11-23 已整改】")
