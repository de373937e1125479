"""Alerts and reminders through all three services, over HTTP alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.system import System
from tests.support.waiting import until
from tests.system.people import CDC, DEPARTMENT, TOWN, UNIT, District, ok, person, row, text, until_done

NOW = datetime.fromisoformat("2037-11-23T10:00:00+08:00")
BODIES = {("cdc", CDC), ("township", TOWN), ("department", DEPARTMENT)}


@pytest.fixture
async def district(system: System) -> District:
    district = await District(system).build()
    await system.set_clock(NOW)
    await district.register(person(1, unit_code=UNIT, category_code="8A1", phone="13800138000"), person(2))
    await system.settle()
    return district


async def until_listed(district: District, count: int, **filters: str) -> list[dict[str, Any]]:
    async def listed() -> list[dict[str, Any]]:
        found = await district.notices(**filters)
        return found if len(found) >= count else []

    return await until(listed)


@pytest.mark.requirement(127, 126)
async def test_a_positive_is_told_to_the_three_bodies_by_itself(district: District) -> None:
    await district.post(row(NOW - timedelta(hours=1), outcome="positive", health_code_id="HC-000001"))
    found = await until_listed(district, 3, kind="alert.positive", subject_code="HC-000001")
    assert {(one["recipient"]["type"], one["recipient"]["code"]) for one in found} == BODIES


async def test_a_refuted_positive_takes_its_alerts_back(district: District) -> None:
    await district.post(row(NOW - timedelta(hours=1), outcome="positive", health_code_id="HC-000001"))
    await district.system.settle()
    [review] = (await ok(district.cdc.get("/v1/reviews?state=open")))["reviews"]
    verdict = {"verdict": "refuted", "reviewer": "王医生", "note": "复测阴性"}
    await ok(district.cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict))
    await district.system.settle()
    alerts = await district.notices(kind="alert.positive")
    assert {one["status"] for one in alerts} == {"revoked"}
    assert len(alerts) == 3


async def test_somebody_without_a_unit_is_told_to_the_cdc_alone(district: District) -> None:
    await district.post(row(NOW - timedelta(hours=1), outcome="positive", health_code_id="HC-000002"))
    await district.system.settle()
    found = await district.notices(kind="alert.positive")
    assert [(one["recipient"]["type"], one["recipient"]["code"]) for one in found] == [("cdc", CDC)]


async def test_a_positive_surface_is_told_to_those_over_its_unit(district: District) -> None:
    tube = {
        "tube_code": "ENV-1",
        "mode": "single",
        "capacity": 1,
        "subject": "environment",
        "sample_kind": "surface",
        "unit_code": UNIT,
        "members": [],
        "collected_at": text(NOW - timedelta(hours=3)),
    }
    await ok(district.sampling.post("/v1/tubes", json=tube))
    await district.post(row(NOW - timedelta(hours=1), outcome="positive", tube_code="ENV-1"))
    await district.system.settle()
    found = await district.notices(kind="alert.positive")
    assert {(one["recipient"]["type"], one["recipient"]["code"]) for one in found} == BODIES
    assert {one["subject"]["code"] for one in found} == {UNIT}


@pytest.mark.requirement(96)
async def test_reminders_follow_the_due_date_and_stop_at_a_valid_sample(district: District) -> None:
    async def evaluate(day: int) -> None:
        await district.system.set_clock(NOW + timedelta(days=day))
        asked = await ok(district.admin.post("/v1/evaluations", json={}))
        await until_done(district.admin, f"/v1/evaluations/{asked['evaluation_id']}")
        await district.system.settle()

    await district.post(row(NOW - timedelta(hours=1), health_code_id="HC-000001"))
    await district.system.settle()
    due_on = datetime.fromisoformat((await district.status("HC-000001"))["due_on"]).date()
    left = (due_on - NOW.date()).days
    before = {one["notice_id"] for one in await district.notices(recipient_type="unit")}
    for day in (left, left, left + 1, left + 2):
        await evaluate(day)
    after = [one for one in await district.notices(recipient_type="unit") if one["notice_id"] not in before]
    assert sorted(one["kind"] for one in after) == ["reminder.due", "reminder.overdue"]
    assert ("person", "HC-000001") in {
        (one["recipient"]["type"], one["recipient"]["code"])
        for one in await district.notices(kind="reminder.due")
    }
    sampled = NOW + timedelta(days=left + 2, hours=-1)
    await district.post(row(sampled, health_code_id="HC-000001"))
    await district.system.settle()
    told = len(await district.notices())
    await evaluate(left + 2)
    assert len(await district.notices()) == told
