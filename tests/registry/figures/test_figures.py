"""Compliance figures over HTTP: numerator, denominator, and the list behind every number.

Noon is Wednesday, 20 November 2030; its week begins on the 18th.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.registry.conftest import NOON
from tests.registry.figures.scene import behind, counted, figures, names, numbers, sampled
from tests.support.district import District, coded

CATERING = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-10-01"}
LAST_WEEK = {"from_": "2030-11-11", "to": "2030-11-17"}
MONDAY = datetime.fromisoformat("2030-11-11T09:00:00+08:00")


def on(day: int, hour: int = 9) -> datetime:
    """Return an hour of a day of November."""
    return datetime.fromisoformat(f"2030-11-{day:02d}T{hour:02d}:00:00+08:00")


async def four(district: District, unit: str = "U-1", first: int = 1) -> None:
    """Enrol four: in time, late, overdue at the end, never tested in the week of the 11th (every 7 days)."""
    await district.people(*(coded(first + n, **{**CATERING, "unit_code": unit}) for n in range(4)))
    for number, days in ((0, (5, 12, 19)), (1, (5, 14)), (2, (5,))):
        for day in days:
            await district.negative(first + number, on(day))


async def test_a_week_counts_who_was_never_behind_of_those_who_owed_a_sample(district: District) -> None:
    await district.unit()
    await four(district)
    await counted(district)
    assert await figures(district, by="unit", **LAST_WEEK) == {"U-1": (1, 4, 1, 1, 1)}
    report = await district.get("/v1/figures", {"by": "unit", "from": "2030-11-13", "to": "2030-11-13"})
    (row,) = report["rows"]
    assert (row["name"], row["share"]) == ("海棠餐厅", 0.25)
    assert (report["first_day"], report["last_day"]) == ("2030-11-11", "2030-11-17")
    assert report["total"]["so_far"] is False
    assert await names(district, row["people"]["numerator"]) == {"HC-000001": "met"}
    assert await names(district, row["people"]["denominator"]) == {
        "HC-000001": "met",
        "HC-000002": "late",
        "HC-000003": "missed",
        "HC-000004": "never_tested",
    }


async def test_every_name_on_the_list_is_masked_and_explained(district: District) -> None:
    await district.unit()
    await four(district)
    await counted(district)
    people = (await district.get("/v1/figures/people", {"from": "2030-11-11", "to": "2030-11-11"}))["people"]
    assert {each["name_masked"] for each in people} == {"张*"}
    missed = next(each for each in people if each["outcome"] == "missed")
    path, _, query = missed["explained_by"].partition("?")
    explained = await district.get(path, dict(parse_qsl(query)))
    assert explained["known_now"]["clearance"]["reasons"] == ["overdue"]


async def test_who_is_due_today_has_until_midnight_and_owes_by_then(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING), coded(2, **CATERING))
    await district.negative(1, on(13))
    await district.negative(2, on(14))
    await counted(district)
    assert await figures(district, by="unit", from_="2030-11-20") == {}
    await district.system.set_clock(NOON + timedelta(days=1))
    await counted(district)
    assert await figures(district, by="unit", from_="2030-11-21") == {"U-1": (0, 1, 0, 1, 0)}


async def test_who_gave_a_sample_before_the_day_owed_it_in_the_week_in_which_it_was_given(
    district: District,
) -> None:
    await district.people(coded(1, category_code="8A1", enrolled_on="2030-10-01"))
    await district.negative(1, on(8))
    await district.negative(1, on(11))
    await district.negative(1, on(16))
    await counted(district)
    assert await figures(district, by="category", **LAST_WEEK) == {"8A1": (1, 1, 0, 0, 0)}


async def test_leave_and_leaving_count_on_neither_side(district: District) -> None:
    await district.unit()
    await four(district)
    person_id = (await district.found(3))["person_id"]
    leave = {"kind": "leave", "from": "2030-11-11", "to": "2030-11-30", "reason": "休假"}
    await district.post(f"/v1/people/{person_id}/exemptions", leave)
    await district.people(coded(4, **{**CATERING, "left_on": "2030-11-11"}))
    await counted(district)
    assert await figures(district, by="unit", **LAST_WEEK) == {"U-1": (1, 2, 1, 0, 0)}


async def test_the_suspended_owe_their_sample_on(district: District) -> None:
    await district.unit()
    await four(district)
    person_id = (await district.found(3))["person_id"]
    body = {"kind": "suspended", "from": "2030-11-11", "to": "2030-11-30", "reason": "停岗"}
    await district.post(f"/v1/people/{person_id}/exemptions", body)
    await counted(district)
    assert await figures(district, by="unit", **LAST_WEEK) == {"U-1": (1, 4, 1, 1, 1)}


async def test_a_late_result_changes_a_past_week_and_the_close_stays(district: District) -> None:
    await district.unit()
    await four(district)
    await counted(district)
    before = (await district.get("/v1/figures", {"by": "unit", "from": "2030-11-11", "to": "2030-11-17"}))[
        "rows"
    ]
    await district.negative(3, on(12))
    again = NOON + timedelta(hours=25)
    await district.system.set_clock(again)
    await counted(district)
    (row,) = (await district.get("/v1/figures", {"by": "unit", "from": "2030-11-11", "to": "2030-11-17"}))[
        "rows"
    ]
    assert numbers(before[0]) == (1, 4, 1, 1, 1)
    assert numbers(row) == (2, 4, 1, 0, 1)
    assert row["at_close"] == {"numerator": 1, "denominator": 4}
    assert (before[0]["as_of"][:13], row["as_of"][:13]) == ("2030-11-20T12", "2030-11-21T13")


async def test_the_running_week_is_so_far_and_closes_with_the_first_count_after_its_end(
    district: District,
) -> None:
    await district.unit()
    await four(district)
    await counted(district)
    report = await district.get("/v1/figures", {"by": "week", "from": "2030-11-18", "to": "2030-11-24"})
    assert (report["total"]["so_far"], report["rows"][0]["at_close"]) == (True, None)
    assert numbers(report["rows"][0]) == (1, 3, 0, 1, 1)
    await district.system.set_clock(on(25, 0))
    await counted(district)
    report = await district.get("/v1/figures", {"by": "week", "from": "2030-11-18", "to": "2030-11-24"})
    assert report["rows"][0]["at_close"] == {"numerator": 1, "denominator": 4}
    assert numbers(report["rows"][0]) == (1, 4, 0, 2, 1)


async def test_a_week_that_is_no_longer_followed_is_counted_when_it_is_asked_for(district: District) -> None:
    await district.unit()
    await four(district)
    await district.negative(1, on(1) - timedelta(days=30))
    await counted(district)
    assert await figures(district, by="week", from_="2030-09-30", to="2030-10-06") == {}
    assert await district.post("/v1/figures/weeks/2030-10-03/count", None, status=202) == {
        "week": "2030-09-30"
    }
    await counted(district)
    assert await figures(district, by="week", from_="2030-09-30", to="2030-10-06") == {
        "2030-09-30": (0, 4, 1, 0, 3)
    }


async def test_a_sample_with_a_laboratory_that_still_has_time_is_not_missing(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.negative(1, on(12))
    await sampled(district, 1, on(19, 20))
    await counted(district)
    assert await figures(district, by="unit", from_="2030-11-18") == {"U-1": (1, 1, 0, 0, 0)}
    await district.system.set_clock(on(21, 1))
    await counted(district)
    assert await figures(district, by="unit", from_="2030-11-18") == {"U-1": (0, 1, 0, 1, 0)}


async def test_somebody_in_two_places_counts_in_each_with_the_one_duty(district: District) -> None:
    await district.unit("U-1")
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(
        coded(1, **CATERING), coded(1, unit_code="U-2", category_code="8A1", enrolled_on="2030-10-01")
    )
    await district.negative(1, on(4))
    await counted(district)
    assert await figures(district, by="unit", **LAST_WEEK) == {"U-1": (0, 1, 0, 1, 0), "U-2": (0, 1, 0, 1, 0)}
    assert await figures(district, by="week", **LAST_WEEK) == {"2030-11-11": (0, 2, 0, 2, 0)}


async def test_a_week_is_judged_in_each_unit_by_the_days_there(district: District) -> None:
    await district.unit("U-1")
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(coded(1, **CATERING))
    await district.negative(1, on(8))
    person_id = (await district.found(1))["person_id"]
    place = {"unit_code": "U-1", "category_code": "LOCAL-CATERING"}
    move = {"from": place, "to": {**place, "unit_code": "U-2"}, "on": "2030-11-15"}
    await district.post(f"/v1/people/{person_id}/transfers", move)
    await counted(district)
    assert await figures(district, by="unit", **LAST_WEEK) == {"U-2": (0, 1, 0, 1, 0)}


async def build(district: District) -> None:
    """Build two towns, two departments, people without a unit, and two weeks in which much differs."""
    await district.department("MARKET")
    await district.unit("U-1", department_code="MARKET")
    await district.unit("U-2", township_code="TOWN-02", department_code="MARKET")
    await district.unit("U-3", township_code="TOWN-02")
    for first, unit in ((1, "U-1"), (11, "U-2"), (21, "U-3")):
        await four(district, unit, first)
    await district.people(*(coded(n, category_code="8A1", enrolled_on="2030-10-01") for n in (31, 32)))
    await district.negative(31, on(12))


@pytest.mark.parametrize("by", ["unit", "category", "department", "township", "week"])
async def test_rows_add_up_to_the_same_total_by_every_grouping_and_so_do_their_lists(
    district: District, by: str
) -> None:
    await build(district)
    await counted(district)
    query = {"by": by, "from": "2030-11-04", "to": "2030-11-20"}
    report = await district.get("/v1/figures", query)
    total = numbers(report["total"])
    assert total[1] > 0
    shown = [numbers(row) for row in report["rows"]]
    assert [sum(row[place] for row in shown) for place in range(5)] == list(total)
    for row in (*report["rows"], report["total"]):
        listed = await behind(district, row["people"]["denominator"])
        outcomes = [each["outcome"] for each in listed]
        found = [outcomes.count(name) for name in ("met", "late", "missed", "never_tested")]
        assert [found[0], len(listed), found[1], found[2], found[3]] == list(numbers(row))
        assert len(await behind(district, row["people"]["numerator"])) == row["numerator"]


@pytest.mark.parametrize(
    ("path", "name", "query"),
    [
        ("/v1/figures", "rows", {"by": "township", "from": "2030-11-11"}),
        ("/v1/figures/people", "people", {"from": "2030-11-04", "to": "2030-11-20"}),
    ],
)
async def test_reports_and_lists_go_on_page_by_page(
    district: District, path: str, name: str, query: dict[str, Any]
) -> None:
    await build(district)
    await counted(district)
    whole = (await district.get(path, {**query, "limit": 1000}))[name]
    seen: list[Any] = []
    cursor: str | None = None
    while cursor or not seen:
        page = await district.get(path, {**query, "limit": 2, **({"cursor": cursor} if cursor else {})})
        seen += page[name]
        cursor = page["next_cursor"]
    assert seen == whole
    assert len(seen) > 2


async def test_an_area_sees_its_own_in_rows_totals_and_lists(district: District) -> None:
    await build(district)
    await counted(district)
    for level, area, units, outside in (
        ("township", "TOWN-02", ["U-2", "U-3"], "U-1"),
        ("department", "MARKET", ["U-1", "U-2"], "U-3"),
    ):
        client = await district.system.client(
            "registry", scopes=["records:read"], area_code=area, area_level=level
        )
        week = {"from": "2030-11-11", "to": "2030-11-17"}
        report = (await client.get("/v1/figures", params={"by": "unit", **week})).json()
        assert [row["key"] for row in report["rows"]] == units
        assert numbers(report["total"]) == (2, 8, 2, 2, 2)
        people = (await client.get("/v1/figures/people", params=week)).json()["people"]
        assert {each["unit_code"] for each in people} == set(units)
        assert {each["name_masked"] for each in people} == {"张*"}
        other = (await client.get("/v1/figures/people", params={**week, "unit_code": outside})).json()
        assert other["people"] == []
        assert (await client.post("/v1/figures/weeks/2030-11-11/count")).status_code == 403


async def test_people_of_a_unit_that_has_moved_stay_in_the_number_of_its_old_town_without_a_name(
    district: District,
) -> None:
    await district.unit()
    await four(district)
    await counted(district)
    await district.township("TOWN-02")
    await district.patch("/v1/units/U-1", {"township_code": "TOWN-02"})
    await district.system.set_clock(NOON + timedelta(hours=25))
    await counted(district)
    client = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-01", area_level="township"
    )
    week = {"from": "2030-11-11", "to": "2030-11-17"}
    report = (await client.get("/v1/figures", params={"by": "township", **week})).json()
    assert [(row["key"], row["denominator"]) for row in report["rows"]] == [("TOWN-01", 4)]
    people = (await client.get("/v1/figures/people", params=week)).json()["people"]
    assert [(each["name_masked"], each["health_code_id"]) for each in people] == [(None, None)] * 4


async def test_a_district_without_anybody_shows_nought_and_divides_by_nothing(district: District) -> None:
    for by in ("unit", "category", "department", "township", "week"):
        report = await district.get("/v1/figures", {"by": by})
        assert report["rows"] == []
        assert numbers(report["total"]) == (0, 0, 0, 0, 0)
        assert (report["total"]["share"], report["total"]["as_of"]) == (None, None)
    await counted(district)
    assert (await district.get("/v1/figures"))["total"]["denominator"] == 0
    assert (await district.get("/v1/figures/people"))["people"] == []


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"from": "2030-11-25"}, "from", "week_in_future"),
        ({"to": "2199-12-31"}, "to", "week_in_future"),
        ({"from": "2030-11-18", "to": "2030-11-11"}, "to", "period_reversed"),
        ({"from": "1900-01-01", "to": "2030-11-11"}, "to", "period_too_long"),
        ({"from": "2030-02-30"}, "from", "day_malformed"),
        ({"from": "20301118"}, "from", "day_malformed"),
        ({"by": "person"}, "by", "bad_format"),
        ({"unit_code": "a b"}, "unit_code", "bad_format"),
        ({"limit": "0"}, "limit", "bad_format"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused_by_its_parameter(
    district: District, query: dict[str, str], field: str, code: str
) -> None:
    for path in ("/v1/figures", "/v1/figures/people"):
        answer = await district.get(path, query, status=422)
        assert [(each["field"], each["code"]) for each in answer["errors"]] == [(field, code)]


async def test_cursors_that_nobody_gave_are_refused(district: District) -> None:
    for path in ("/v1/figures", "/v1/figures/people"):
        for cursor in ("x", "e30", "eyJrZXkiOjF9"):
            await district.get(path, {"cursor": cursor}, status=422)


async def test_a_look_at_the_people_is_recorded(district: District) -> None:
    await district.unit()
    await four(district)
    await counted(district)
    await district.get("/v1/figures/people", {"by": "unit", "key": "U-1", "from": "2030-11-11"})
    rows = await district.system.owner.fetch(
        "SELECT action, subject FROM registry.audit WHERE action LIKE 'figures.%'"
    )
    assert [(row["action"], row["subject"]) for row in rows] == [("figures.people", "unit")]
