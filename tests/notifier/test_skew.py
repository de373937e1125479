"""A contact and an alarm that are handled at the same moment do not miss each other."""

from uuid import uuid4

import pytest

from notifier.alarms.jobs import on_alarm_raised
from notifier.arrivals.jobs import on_contacts_changed
from notifier.reminders.jobs import on_unit_evaluated
from tests.notifier.desk import Desk, alarm, due, evaluated
from tests.support.waiting import until


async def until_told(desk: Desk, wanted: set[tuple[str, str]]) -> None:
    async def told() -> bool:
        return wanted <= set(await desk.recipients())

    await until(told)


@pytest.mark.settings(confirm_seconds=1)
@pytest.mark.parametrize("contact_first", [True, False])
async def test_neither_sees_the_other_and_the_township_is_told_all_the_same(
    desk: Desk, *, contact_first: bool
) -> None:
    person = uuid4()
    context = desk.system.context("notifier")
    await desk.founded()
    first, second = context.db.transaction(), context.db.transaction()
    one, other = await first.__aenter__(), await second.__aenter__()
    alarmed, known = (other, one) if contact_first else (one, other)
    await on_alarm_raised(alarmed, alarm(person), context)
    await on_contacts_changed(known, desk.contact(person, "UNIT-01"), context)
    await first.__aexit__(None, None, None)
    await second.__aexit__(None, None, None)
    await until_told(desk, {("cdc", "CDC-01"), ("township", "TOWN-01"), ("department", "DEPT-01")})


@pytest.mark.settings(confirm_seconds=1)
async def test_a_phone_that_comes_beside_the_evaluation_is_used(desk: Desk) -> None:
    person = uuid4()
    context = desk.system.context("notifier")
    await desk.founded()
    async with context.db.transaction() as evaluating, context.db.transaction() as knowing:
        await on_unit_evaluated(
            evaluating, evaluated("UNIT-01", "2037-11-23", [due(person, "due", "2037-11-23")]), context
        )
        await on_contacts_changed(knowing, desk.contact(person, "UNIT-01", phone="13800138000"), context)
    await until_told(desk, {("person", "HC-0001"), ("unit", "UNIT-01")})
