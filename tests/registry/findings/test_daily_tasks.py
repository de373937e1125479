"""Row 34: each unit with anybody overdue becomes a task, with the people in it, until they are put right."""

from datetime import timedelta
from typing import Any

import pytest

from registry.evaluations import service as evaluations
from tests.registry.conftest import NOON
from tests.support.district import District, coded

PLACE = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-11-01"}


async def evaluate(district: District) -> None:
    await district.post("/v1/evaluations", {}, status=202)
    context = district.system.context("registry")
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await evaluations.run(session, context)


async def tasks(district: District, **query: Any) -> list[tuple[str, str, str, int, int]]:
    listed = (await district.get("/v1/findings", query, source="evaluation"))["findings"]
    return sorted(
        (each["unit_code"], each["kind"], each["state"], each["open"], each["people"]) for each in listed
    )


@pytest.mark.requirement(34)
@pytest.mark.requirement(35)
async def test_every_unit_and_person_overdue_is_a_task_until_put_right(district: District) -> None:
    for unit in ("U-1", "U-2", "U-3"):
        await district.unit(unit)
    await district.people(
        *(coded(n, **PLACE) for n in (1, 2, 3)),
        coded(4, **{**PLACE, "unit_code": "U-2"}),
        coded(5, **{**PLACE, "unit_code": "U-3"}),
    )
    await district.negative(1, NOON - timedelta(days=9))
    await district.negative(2, NOON - timedelta(days=8))
    await district.negative(5, NOON)
    await evaluate(district)
    assert await tasks(district) == [
        ("U-1", "coverage", "open", 1, 1),
        ("U-1", "frequency", "open", 2, 2),
        ("U-2", "coverage", "open", 1, 1),
    ]
    await evaluate(district)
    assert len(await tasks(district)) == 3
    await district.negative(1, NOON)
    await district.negative(3, NOON)
    path = f"/v1/people/{(await district.found(4))['person_id']}/exemptions"
    await district.post(path, {"kind": "leave", "from": "2030-11-20", "to": "2030-11-30", "reason": "病假"})
    await district.system.set_clock(NOON + timedelta(days=1))
    await evaluate(district)
    assert await tasks(district) == [
        ("U-1", "coverage", "closed", 0, 1),
        ("U-1", "frequency", "open", 1, 2),
        ("U-2", "coverage", "closed", 0, 1),
    ]
    [still] = (await district.get("/v1/findings", state="open"))["findings"]
    assert (still["period_from"], still["period_to"], still["age_days"]) == ("2030-11-18", "2030-11-21", 1)
    named = (await district.get(f"/v1/findings/{still['finding_id']}"))["people"]
    assert {each["health_code_id"]: (each["since"], each["outcome"]) for each in named} == {
        "HC-000001": ("2030-11-18", "tested"),
        "HC-000002": ("2030-11-19", None),
    }


async def test_who_falls_behind_again_opens_a_new_task_beside_the_closed_one(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE))
    await district.negative(1, NOON - timedelta(days=9))
    await evaluate(district)
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=1))
    await evaluate(district)
    await district.system.set_clock(NOON + timedelta(days=9))
    await evaluate(district)
    assert await tasks(district) == [
        ("U-1", "frequency", "closed", 0, 1),
        ("U-1", "frequency", "open", 1, 1),
    ]


async def test_an_evaluation_of_a_day_gone_by_opens_nothing(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE))
    await district.post("/v1/evaluations", {"as_of": "2030-11-18T12:00:00+08:00"}, status=202)
    context = district.system.context("registry")
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await evaluations.run(session, context)
    assert await tasks(district) == []
