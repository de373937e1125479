"""A flood of reminders holds up no alert."""

from uuid import uuid4

import pytest

from shared.messages import ContactsChanged
from tests.notifier.desk import Desk, alarm, due, evaluated

PEOPLE = 2000


@pytest.mark.slow
@pytest.mark.requirement(126)
async def test_an_alert_overtakes_thousands_of_reminders(desk: Desk) -> None:
    people = [uuid4() for _ in range(PEOPLE)]
    contacts = [desk.contact(one, "UNIT-01", code=str(one), phone="13800138000").people[0] for one in people]
    await desk.founded()
    await desk.tell(ContactsChanged(tuple(contacts)))
    await desk.tell(
        evaluated("UNIT-01", "2037-11-23", [due(one, "due", "2037-11-23", code=str(one)) for one in people])
    )
    await desk.tell(alarm(uuid4(), subject="HC-0"), urgent=True, settle=False)
    await urgent_lines(desk, 1)
    before = [line["urgent"] for line in desk.lines()].index(True)
    assert before < PEOPLE


async def urgent_lines(desk: Desk, count: int) -> list[dict[str, object]]:
    lines = await desk.until_handed(count)
    while len(found := [line for line in lines if line["urgent"]]) < count:
        lines = await desk.until_handed(len(lines) + 1)
    return found
