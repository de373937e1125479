"""Somebody who comes back from travel is reminded on the day of the return, through registry and notifier."""

from datetime import datetime, timedelta

import pytest

from tests.support.system import System
from tests.system.people import District, ok, person, row, until_done

NOON = datetime.fromisoformat("2030-11-20T12:00:00+08:00")
BACK = NOON + timedelta(days=5)


@pytest.mark.requirement(152)
async def test_whoever_is_back_from_travel_is_reminded_on_that_day_and_no_more_once_tested(
    system: System,
) -> None:
    await system.set_clock(NOON)
    district = await District(system).build()
    await district.register(*(person(number, phone="13800138000") for number in (1, 2)))
    for number in (1, 2):
        found = await ok(district.admin.get(f"/v1/people/by-health-code/HC-{number:06}"))
        leave = {"kind": "travel_return", "at": BACK.isoformat()}
        await ok(district.admin.post(f"/v1/people/{found['person_id']}/events", json=leave))
    await system.settle()

    async def reminded() -> list[str]:
        """Evaluate the day, and return who has been told that a test is due by now."""
        started = await ok(district.admin.post("/v1/evaluations", json={}))
        await until_done(district.admin, f"/v1/evaluations/{started['evaluation_id']}")
        await system.settle()
        notices = [
            *await district.notices(kind="reminder.due"),
            *await district.notices(kind="reminder.overdue"),
        ]
        return sorted(one["recipient"]["code"] for one in notices)

    assert await reminded() == []
    await system.set_clock(BACK)
    assert await reminded() == ["HC-000001", "HC-000002"]
    await district.post(row(BACK, health_code_id="HC-000001", collected_at=BACK.isoformat()))
    await system.settle()
    await system.set_clock(BACK + timedelta(days=1))
    assert await reminded() == ["HC-000001", "HC-000002", "HC-000002"], "who was tested is told no more"
