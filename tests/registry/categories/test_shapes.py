"""Rules of every shape over HTTP: what is due under each, what contradicts itself, who is touched."""

from datetime import timedelta
from typing import Any

import pytest

from registry.categories.examples import RULES
from registry.categories.rules import SHAPES
from tests.registry.conftest import NOON
from tests.support.district import District, coded

CODE = "LOCAL-SHAPE"


async def category(district: District, shape: str, params: dict[str, Any]) -> None:
    """Add a category with one rule, and somebody in it."""
    rule = {"effective_from": "2030-11-01", "shape": shape, "params": params}
    body = {
        "code": CODE,
        "name_zh": "某类",
        "name_en": "Some",
        "effective_from": "2030-11-01",
        "rules": [rule],
    }
    await district.post("/v1/categories", body, status=201)
    await district.people(coded(1, category_code=CODE, enrolled_on="2030-11-01"))


async def due(district: District) -> tuple[str, str]:
    """Return when the first person is due, and how they stand."""
    status = await district.status()
    return status["due_on"], status["due_state"]


@pytest.mark.parametrize("name", RULES)
async def test_what_the_document_shows_of_each_shape_is_taken(district: District, name: str) -> None:
    await district.township()
    shown = {"code": "LOCAL-NEW", "name_zh": "新", "name_en": "New", "effective_from": "2026-12-01"}
    await district.post("/v1/categories", shown, status=201)
    assert {each["value"]["shape"] for each in RULES.values()} == set(SHAPES)
    path = "/v1/categories/LOCAL-NEW/rules"
    await district.post(f"{path}?dry_run=true", RULES[name]["value"], status=200)
    made = await district.post(path, RULES[name]["value"], status=201)
    assert made["params"] == RULES[name]["value"]["params"]
    document = (await district.http.get("/openapi.json")).json()["paths"]["/v1/categories/{code}/rules"][
        "post"
    ]
    content = document["requestBody"]["content"]["application/json"]
    assert content["examples"][name]["value"] == RULES[name]["value"]
    for needed, allowed in SHAPES.values():
        assert all(each in document["description"] for each in (*needed, *allowed))


@pytest.mark.requirement(1)
async def test_twice_a_week_with_two_days_between(district: District) -> None:
    await category(district, "times_per_week", {"times": 2, "min_gap_hours": 48})
    assert await due(district) == ("2030-11-01", "never_tested")
    await district.negative(1, NOON - timedelta(days=1))  # a Tuesday
    assert await due(district) == ("2030-11-24", "ok")
    await district.negative(1, NOON)  # too soon after it to count as the second
    assert await due(district) == ("2030-11-24", "ok")
    await district.system.set_clock(NOON + timedelta(days=5))
    assert await due(district) == ("2030-11-24", "overdue")
    await district.negative(1, NOON + timedelta(days=5))
    assert await due(district) == ("2030-12-01", "ok")


@pytest.mark.requirement(1)
async def test_twice_a_day(district: District) -> None:
    await category(district, "times_per_day", {"times": 2})
    await district.negative(1, NOON - timedelta(hours=4))
    assert await due(district) == ("2030-11-20", "ok")
    await district.negative(1, NOON)
    assert await due(district) == ("2030-11-21", "ok")
    await district.system.set_clock(NOON + timedelta(days=2))
    assert (await due(district))[1] == "overdue"


@pytest.mark.requirement(157)
async def test_a_rule_that_begins_before_another_ends_lies_over_it_and_the_strictest_binds(
    district: District,
) -> None:
    await category(district, "every_n_days", {"days": 14})
    await district.negative(1, NOON)
    for days, first, last in ((7, "2030-11-20", "2030-11-30"), (3, "2030-11-22", "2030-11-25")):
        rule = {
            "effective_from": first,
            "effective_to": last,
            "shape": "every_n_days",
            "params": {"days": days},
        }
        await district.post(f"/v1/categories/{CODE}/rules", rule, status=201)
    assert (await due(district))[0] == "2030-11-27"
    await district.system.set_clock(NOON + timedelta(days=2))
    assert (await due(district))[0] == "2030-11-23"
    await district.system.set_clock(NOON + timedelta(days=6))
    assert (await due(district))[0] == "2030-11-27"
    await district.system.set_clock(NOON + timedelta(days=11))
    assert (await due(district))[0] == "2030-12-04"


@pytest.mark.parametrize(
    ("shape", "params", "field", "code"),
    [
        ("times_per_week", {"times": 4, "min_gap_hours": 72}, "min_gap_hours", "parameters_contradict"),
        (
            "rolling_share",
            {"percent": 50, "period": "month", "cover": "week"},
            "cover",
            "parameters_contradict",
        ),
        ("day_list", {"event": "x", "days": [1, 30], "isolation_days": 7}, "days", "parameters_contradict"),
        ("day_list", {"event": "x", "days": [1], "watch_days": 7}, "watch_days", "parameters_contradict"),
        ("day_list", {"event": "x", "days": [3, 1]}, "days", "out_of_range"),
        ("every_n_days", {"days": 3, "notice_days": 3}, "notice_days", "parameters_contradict"),
        ("every_n_days", {"days": 3, "subject": "people"}, "subject", "out_of_range"),
        ("every_n_days", {"days": 3, "colour": 1}, "colour", "unknown_field"),
    ],
)
async def test_parameters_that_nobody_could_follow_are_refused(
    district: District, shape: str, params: dict[str, Any], field: str, code: str
) -> None:
    rule = {"effective_from": "2030-11-20", "shape": shape, "params": params}
    refused = await district.post("/v1/categories/8A1/rules", rule, status=422)
    assert [(each["field"], each["code"]) for each in refused["errors"]] == [(f"params.{field}", code)]


async def test_a_limited_rule_of_another_kind_on_the_same_days_and_area_is_refused(
    district: District,
) -> None:
    limited = {"effective_from": "2030-11-20", "effective_to": "2030-11-30"}
    calendar = {**limited, "shape": "every_n_days", "params": {"days": 2}}
    await district.post("/v1/categories/8A1/rules", calendar, status=201)
    on_event = {**limited, "shape": "on_event", "params": {"event": "fair"}}
    refused = await district.post("/v1/categories/8A1/rules", on_event, status=409)
    assert refused["code"] == "rule_contradicts"
    later = {**on_event, "effective_from": "2030-12-01", "effective_to": "2030-12-02"}
    await district.post("/v1/categories/8A1/rules", later, status=201)


async def test_a_rule_after_the_end_of_its_category_is_refused(district: District) -> None:
    body = {
        "code": CODE,
        "name_zh": "某类",
        "name_en": "Some",
        "effective_from": "2030-11-01",
        "effective_to": "2030-11-30",
    }
    await district.post("/v1/categories", body, status=201)
    rule = {"effective_from": "2030-12-01", "shape": "every_n_days", "params": {"days": 2}}
    refused = await district.post(f"/v1/categories/{CODE}/rules", rule, status=422)
    assert refused["errors"][0]["code"] == "rule_after_category"


@pytest.mark.requirement(1)
async def test_a_rule_that_began_in_the_past_changes_exactly_the_people_it_touches(
    district: District,
) -> None:
    await district.unit("U-1")
    await district.unit("U-2", township_code="TOWN-02")
    for number, unit in ((1, "U-1"), (2, "U-2")):
        await district.people(coded(number, unit_code=unit, category_code="8A3", enrolled_on="2030-10-01"))
        await district.negative(number, NOON - timedelta(days=3))
    await district.people(coded(3, category_code="7A", enrolled_on="2030-10-01"))
    before = {number: await district.status(number) for number in (1, 2, 3)}
    backwards = {"effective_from": "2030-11-10", "shape": "every_n_days", "params": {"days": 5}}
    rule = {**backwards, "area_code": "TOWN-01"}
    told = await district.http.post("/v1/categories/8A3/rules?dry_run=true", json=rule)
    person = (await district.found(1))["person_id"]
    assert told.json()["listed"] == [
        {
            "person_id": person,
            "change": "due",
            "was": {"due_on": "2030-12-01", "due_state": "ok"},
            "becomes": {"due_on": "2030-11-22", "due_state": "ok"},
        }
    ]
    await district.post("/v1/categories/8A3/rules", rule, status=201)
    assert await due(district) == ("2030-11-22", "ok")
    for number in (2, 3):
        assert (await district.status(number))["version"] == before[number]["version"]
