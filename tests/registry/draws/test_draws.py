"""The weekly draw: repeatable from its seed, those longest untested first."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.draws.rules import Candidate, number_drawn, order
from tests.registry.conftest import NOON
from tests.support.district import District, coded

WANTED = {"unit_code": "HOSPITAL", "category_code": "8A3", "department_in_unit": "骨科", "on": "2030-11-20"}


async def staff(district: District, number: int) -> None:
    """Enrol a department of a hospital."""
    await district.unit("HOSPITAL", industry_code="8411")
    place = {"unit_code": "HOSPITAL", "department_in_unit": "骨科", "category_code": "8A3"}
    await district.people(*(coded(each, enrolled_on="2030-10-01", **place) for each in range(1, number + 1)))


@pytest.mark.requirement(17)
async def test_half_are_drawn_the_longest_untested_first_and_the_draw_can_be_repeated(
    district: District,
) -> None:
    await staff(district, 5)
    await district.negative(1, NOON - timedelta(days=9))
    await district.negative(2, NOON - timedelta(days=2))
    await district.negative(3, NOON - timedelta(days=5))
    made = await district.post("/v1/draws", {**WANTED, "seed": "2030-W47"}, status=201)
    assert (made["week"], made["percent"], made["candidates"]) == ("2030-11-18", 50, 5)
    codes = [each["health_code_id"] for each in made["drawn"]]
    assert {*codes[:2]} == {"HC-000004", "HC-000005"}
    assert codes[2] == "HC-000001"
    assert await district.post("/v1/draws", WANTED, status=200) == made
    shown = await district.get(f"/v1/draws/{made['draw_id']}")
    assert shown == made
    assert shown["repeated"] is True
    other = await district.post("/v1/draws", {**WANTED, "seed": "another"}, status=409)
    assert other["code"] == "drawn_already"


async def test_a_draw_that_was_tampered_with_shows_it(district: District) -> None:
    await staff(district, 4)
    made = await district.post("/v1/draws", WANTED, status=201)
    await district.system.owner.execute(
        "UPDATE registry.draw_member SET place = 9 - place WHERE draw_id = $1", UUID(made["draw_id"])
    )
    assert (await district.get(f"/v1/draws/{made['draw_id']}"))["repeated"] is False


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"category_code": "8A1"}, "no_share_rule"),
        ({"department_in_unit": "没有的科室"}, "nobody_to_draw"),
    ],
)
async def test_a_draw_needs_a_share_and_somebody(
    district: District, change: dict[str, str], code: str
) -> None:
    await staff(district, 1)
    refused = await district.post("/v1/draws", {**WANTED, **change}, status=422)
    assert refused["errors"][0]["code"] == code


@pytest.mark.requirement(17)
@given(st.integers(1, 60), st.sampled_from([25, 50]), st.text(max_size=5))
def test_as_many_weeks_as_the_share_needs_cover_everybody(number: int, percent: int, seed: str) -> None:
    people = [Candidate(UUID(int=each), None) for each in range(number)]
    drawn: set[UUID] = set()
    for week in range(100 // percent):
        chosen = order(people, seed=f"{seed}{week}")[: number_drawn(number, percent)]
        drawn |= {each.person_id for each in chosen}
        day = date(2030, 1, 7) + timedelta(weeks=week)
        people = [replace(each, last_sampled_on=day) if each in chosen else each for each in people]
    assert len(drawn) == number
