"""Re-check and re-sample tasks reach whoever has to carry them out."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from msgspec import structs

from shared.messages import RecheckOrdered, ResampleOrdered
from tests.notifier.desk import MORNING, Desk


def recheck(*people: UUID, retained: tuple[str, ...] = (), site: str | None = "SITE-01") -> RecheckOrdered:
    return RecheckOrdered(uuid4(), "T-10", site, "LAB01", people, retained, MORNING.isoformat())


def resample(*people: UUID, unit: str | None = "UNIT-01", site: str | None = "SITE-01") -> ResampleOrdered:
    return ResampleOrdered(uuid4(), "T-11", site, unit, "LAB01", people, MORNING.isoformat())


@pytest.mark.requirement(77)
async def test_a_recheck_with_retained_singles_goes_to_the_lab_the_site_the_cdc_and_the_township(
    desk: Desk,
) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(desk.contact(person, "UNIT-01"), recheck(person, retained=("T-10-1",)))
    assert await desk.recipients(kind="task.recheck") == [
        ("cdc", "CDC-01"),
        ("lab", "LAB01"),
        ("site", "SITE-01"),
        ("township", "TOWN-01"),
    ]
    notice = (await desk.notices(recipient_type="lab"))[0]
    assert notice["subject"]["code"] == "T-10"
    assert notice["evidence"]["retained_tubes"] == ["T-10-1"]
    assert notice["evidence"]["people"] == ["HC-0001"]
    assert datetime.fromisoformat(notice["evidence"]["due_at"]) == MORNING + timedelta(hours=4)


async def test_members_who_become_known_later_are_added_and_told_of(desk: Desk) -> None:
    first, second = uuid4(), uuid4()
    order = recheck(first)
    await desk.founded()
    await desk.tell(order)
    await desk.until_handed(2)
    await desk.tell(structs.replace(order, person_ids=(second,)))
    notice = (await desk.notices(recipient_type="site"))[0]
    assert notice["evidence"]["people"] == sorted([str(first), str(second)])
    assert {line["reason"] for line in (await desk.until_handed(4))[2:]} == {"update"}


async def test_a_recheck_without_retained_singles_leaves_the_lab_alone(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(recheck(uuid4()))
    assert await desk.recipients() == [("cdc", "CDC-01"), ("site", "SITE-01")]


async def test_a_resample_goes_to_the_unit_and_the_site(desk: Desk) -> None:
    order = resample()
    await desk.founded()
    await desk.tell(order, order)
    assert await desk.recipients(kind="task.resample") == [("site", "SITE-01"), ("unit", "UNIT-01")]


async def test_a_resample_goes_to_the_units_of_its_people_as_they_become_known(desk: Desk) -> None:
    person = uuid4()
    await desk.founded()
    await desk.tell(resample(person, unit=None))
    assert await desk.recipients() == [("site", "SITE-01")]
    await desk.tell(desk.contact(person, "UNIT-01"))
    assert await desk.recipients() == [("site", "SITE-01"), ("unit", "UNIT-01")]


async def test_a_resample_that_names_neither_unit_nor_site_goes_to_the_cdc_too(desk: Desk) -> None:
    await desk.founded()
    await desk.tell(resample(uuid4(), unit=None, site=None))
    assert await desk.recipients() == [("cdc", "CDC-01")]
