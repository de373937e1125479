"""Fixture 6 through all three services, by HTTP alone: three weeks in breach, an interview, one more, a repair."""

from datetime import datetime, timedelta

import pytest

from tests.support.system import System
from tests.system.people import DEPARTMENT, UNIT, District, department, ok, person, row, text, until_done

MONDAY = datetime.fromisoformat("2030-11-25T09:00:00+08:00")
KINDS = ("bulletin.unit", "task.written_report", "task.interview", "report.upward")


async def evaluate(district: District, moment: datetime) -> None:
    """Move the clock and have the day evaluated, until everybody has heard of it."""
    await ok(district.admin.put("/v1/clock", json={"now": text(moment)}))
    made = await ok(district.admin.post("/v1/evaluations", json={}))
    await until_done(district.admin, f"/v1/evaluations/{made['evaluation_id']}")
    await district.system.settle()


async def told(district: District) -> list[int]:
    """Return how many notices of each kind of the ladder there are, without the township's copies."""
    found = [
        await district.notices(kind=kind, subject_code=UNIT, recipient_type="department")
        for kind in KINDS[:3]
    ]
    return [*map(len, found), len(await district.notices(kind=KINDS[3], subject_code=UNIT))]


@pytest.mark.requirement(97, 98, 99, 100, 101)
async def test_a_unit_climbs_the_ladder_and_a_repair_before_sunday_ends_it(system: System) -> None:
    district = await District(system).build()
    await ok(district.admin.post("/v1/departments", json=department("BOSS-01", "district", "leaders")))
    await system.set_clock(MONDAY - timedelta(days=7))
    who = person(1, unit_code=UNIT, category_code="LOCAL-CATERING", enrolled_on="2030-11-01")
    await district.register(who)
    await system.settle()
    expected = ([1, 1, 0, 0], [2, 2, 0, 0], [3, 2, 1, 0])
    for week, wanted in enumerate(expected):
        await evaluate(district, MONDAY + timedelta(weeks=week))
        assert await told(district) == wanted
    await evaluate(district, MONDAY + timedelta(weeks=2, hours=1))  # the same day again
    assert await told(district) == expected[2]

    [case] = (await ok(district.notices_api.get("/v1/cases", params={"unit_code": UNIT})))["cases"]
    assert (case["department_code"], case["stage"], case["count"]) == (DEPARTMENT, "interview", 3)
    bulletin = (await district.notices(kind=KINDS[0], recipient_type="township"))[-1]
    assert (bulletin["number"], bulletin["evidence"]["kinds"]) == ("应检督〔2030〕1号", ["coverage"])
    assert [each["code"] for each in bulletin["evidence"]["people"]] == ["HC-000001"]

    for kind in ("written_report", "interview"):
        step = {
            "kind": kind,
            "by": "指挥部",
            "at": text(MONDAY + timedelta(weeks=2, hours=1)),
            "note": "已完成",
        }
        await ok(district.notices_api.post(f"/v1/cases/{case['case_id']}/steps", json=step))
    await evaluate(district, MONDAY + timedelta(weeks=3))
    assert await told(district) == [4, 2, 1, 1]
    [upward] = await district.notices(kind="report.upward")
    assert upward["recipient"]["code"] == "BOSS-01"

    await district.post(row(MONDAY + timedelta(weeks=3), health_code_id="HC-000001"))
    await system.settle()
    await evaluate(district, MONDAY + timedelta(weeks=4))
    assert await told(district) == [4, 2, 1, 1]
