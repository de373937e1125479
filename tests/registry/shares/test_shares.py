"""Shares over HTTP: numerator, denominator, demand, and the list behind; week and month apart."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from registry.shares.rules import Fraction, Member, checks_of, fraction, period_of, units_fraction
from tests.registry.conftest import NOON
from tests.support.district import District, coded

ROOM = "骨科"


async def staff(district: District, number: int, code: str = "8A3", *, first: int = 1, **more: Any) -> None:
    """Enrol a department of a hospital, a month ago."""
    await district.unit("HOSPITAL", industry_code="8411")
    rows = [
        coded(
            each,
            unit_code="HOSPITAL",
            category_code=code,
            department_in_unit=ROOM,
            enrolled_on="2030-10-01",
            **more,
        )
        for each in range(first, first + number)
    ]
    await district.people(*rows)


async def sampled(district: District, numbers: range, at: datetime) -> None:
    """Let negatives of people arrive."""
    for number in numbers:
        await district.negative(number, at)


async def shares(district: District, **query: Any) -> list[dict[str, Any]]:
    """Return the fractions of the hospital."""
    found = (await district.get("/v1/shares", {"unit_code": "HOSPITAL", **query}))["shares"]
    return [each for each in found if each["unit_code"]]


@pytest.mark.requirement(11)
async def test_nine_of_twenty_are_too_few_and_ten_are_half(district: District) -> None:
    await staff(district, 20)
    await sampled(district, range(1, 10), NOON - timedelta(hours=1))
    (week,) = await shares(district)
    assert {name: week[name] for name in ("kind", "category_code", "department_in_unit", "percent")} == {
        "kind": "share",
        "category_code": "8A3",
        "department_in_unit": ROOM,
        "percent": 50,
    }
    assert (week["first_day"], week["last_day"]) == ("2030-11-18", "2030-11-24")
    assert (week["numerator"], week["denominator"], week["reached"]) == (9, 20, False)
    await sampled(district, range(10, 11), NOON)
    (week,) = await shares(district)
    assert (week["numerator"], week["denominator"], week["reached"]) == (10, 20, True)


@pytest.mark.requirement(12, 13)
async def test_a_quarter_a_week_and_everybody_in_the_month_are_two_checks(district: District) -> None:
    await staff(district, 4, vaccination_completed_on="2030-01-01")
    await sampled(district, range(1, 2), NOON - timedelta(days=1))
    (week,) = await shares(district)
    assert (week["category_code"], week["kind"], week["percent"]) == ("8A2", "share", 25)
    assert (week["numerator"], week["denominator"], week["reached"]) == (1, 4, True)
    (month,) = await shares(district, period="month")
    assert (month["kind"], month["percent"], month["last_day"]) == ("cover", 100, "2030-11-30")
    assert (month["numerator"], month["denominator"], month["reached"]) == (1, 4, False)


@pytest.mark.requirement(13)
async def test_whoever_four_weeks_of_a_quarter_left_out_is_listed_at_the_months_end(
    district: District,
) -> None:
    await district.system.set_clock(NOON.replace(month=12, day=1))
    await staff(district, 4, vaccination_completed_on="2030-01-01")
    for number, day in ((1, 5), (2, 12), (3, 19), (1, 26)):
        await district.negative(number, NOON.replace(day=day))
    for day in (5, 12, 19, 26):
        (week,) = await shares(district, on=f"2030-11-{day:02}")
        assert (week["numerator"], week["denominator"], week["reached"]) == (1, 4, True)
    (month,) = await shares(district, period="month", on="2030-11-30")
    assert (month["numerator"], month["denominator"], month["reached"]) == (3, 4, False)
    query = {"department_in_unit": ROOM, "period": "month", "on": "2030-11-30"}
    people = (await district.get("/v1/units/HOSPITAL/shares/8A2/people", query))["people"]
    assert [each["health_code_id"] for each in people if each["sampled_on"] is None] == ["HC-000004"]


@pytest.mark.requirement(12, 13)
async def test_the_list_behind_names_whoever_is_missing_first(district: District) -> None:
    await staff(district, 3, vaccination_completed_on="2030-01-01")
    await sampled(district, range(2, 3), NOON - timedelta(days=1))
    query = {"department_in_unit": ROOM, "period": "month"}
    people = (await district.get("/v1/units/HOSPITAL/shares/8A2/people", query))["people"]
    assert [each["sampled_on"] for each in people] == [None, None, "2030-11-19"]
    assert people[2]["health_code_id"] == "HC-000002"
    assert people[0]["name_masked"] == "张*"


@pytest.mark.requirement(16)
async def test_trainees_cleaners_and_guards_are_in_the_denominator(district: District) -> None:
    for number, kind in enumerate(("在职", "实习", "进修", "保洁", "保安"), start=1):
        await staff(district, 1, first=number, employment_type=kind)
    (week,) = await shares(district)
    assert (week["numerator"], week["denominator"]) == (0, 5)


@pytest.mark.requirement(11)
async def test_whoever_is_away_all_week_is_in_neither_side_of_the_fraction(district: District) -> None:
    await staff(district, 3)
    for number, last in ((1, "2030-11-24"), (2, "2030-11-23")):
        person = (await district.found(number))["person_id"]
        leave = {"kind": "leave", "from": "2030-11-18", "to": last, "reason": "休假"}
        await district.post(f"/v1/people/{person}/exemptions", leave)
    (week,) = await shares(district)
    assert (week["numerator"], week["denominator"]) == (0, 2)


@pytest.mark.requirement(14)
@pytest.mark.parametrize(("vaccinated_on", "code"), [("2030-10-24", "8A2"), ("2030-10-25", "8A3")])
async def test_the_weeks_last_day_decides_which_category_somebody_is_counted_in(
    district: District, vaccinated_on: str, code: str
) -> None:
    await staff(district, 1, vaccination_completed_on=vaccinated_on)
    assert [each["category_code"] for each in await shares(district)] == [code]


async def test_all_staff_may_be_the_base_by_the_rule(district: District) -> None:
    rule = {
        "effective_from": "2030-11-18",
        "shape": "rolling_share",
        "params": {"percent": 50, "period": "week", "base": "all_staff"},
    }
    await district.post("/v1/categories/8A3/rules", rule)
    await staff(district, 2)
    await staff(district, 2, "8A1", first=3)
    (week,) = await shares(district)
    assert week["denominator"] == 4


async def test_a_nested_share_counts_units_with_enough_of_their_people(district: District) -> None:
    rule = {
        "effective_from": "2030-11-01",
        "shape": "nested_share",
        "params": {"percent_of_units": 25, "percent_of_people": 50, "period": "week", "cover": "month"},
    }
    school = {"code": "LOCAL-SCHOOL", "name_zh": "学校", "name_en": "Schools", "rules": [rule]}
    await district.post("/v1/categories", {**school, "effective_from": "2030-11-01"})
    for number in range(1, 5):
        unit = await district.unit(f"SCHOOL-{number}")
        rows = [
            coded(10 * number + each, unit_code=f"SCHOOL-{number}", category_code="LOCAL-SCHOOL")
            for each in (1, 2)
        ]
        assert unit["unit_id"]
        await district.people(*rows)
    await district.negative(11, NOON)
    found = (await district.get("/v1/shares"))["shares"]
    (week,) = [each for each in found if each["kind"] == "units"]
    assert (week["numerator"], week["denominator"], week["reached"]) == (1, 4, True)
    assert week["units_short"] == ["SCHOOL-2", "SCHOOL-3", "SCHOOL-4"]
    found = (await district.get("/v1/shares", {"period": "month"}))["shares"]
    assert [each["reached"] for each in found if each["kind"] == "units"] == [False]


def test_the_pages_of_a_report_are_by_unit_and_months_and_weeks_are_calendar_ones() -> None:
    day = datetime.fromisoformat("2028-02-29T00:00:00+08:00").date()
    assert (period_of("month", day).first.day, period_of("month", day).last.day) == (1, 29)
    week = period_of("week", day)
    assert (week.first.isoformat(), week.last.isoformat()) == ("2028-02-28", "2028-03-05")


def test_fractions_leave_out_the_excused_and_units_without_anybody() -> None:
    when = NOON.date()
    people = [
        Member(UUID(int=number), f"U{number // 2}", None, "A", when if number == 0 else None, number > 3)
        for number in range(6)
    ]
    assert fraction(people) == Fraction(1, 4)
    assert units_fraction(people, 50) == (Fraction(1, 2), ["U1"])
    assert Fraction(0, 0).reaches(100)
    assert [each.percent for each in checks_of("rolling_share", {"percent": 25, "period": "week"})] == [25]


@pytest.mark.parametrize(
    ("day", "code"),
    [("0", "day_malformed"), ("2030-02-30", "day_malformed"), ("0269-07-25", "day_out_of_range")],
)
async def test_a_day_that_is_none_is_refused(district: District, day: str, code: str) -> None:
    refused = await district.get("/v1/shares", on=day, status=422)
    assert (refused["errors"][0]["field"], refused["errors"][0]["code"]) == ("on", code)
