"""Plans for goods and premises over HTTP, beside the duty of the people of the unit."""

from datetime import timedelta
from typing import Any

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded


async def planned(district: District, code: str, **fields: Any) -> dict[str, Any]:
    """Put a unit under a category's rules about things, from the first of November."""
    await district.unit()
    body = {"category_code": code, "effective_from": "2030-11-01", **fields}
    made: dict[str, Any] = await district.post("/v1/units/U-1/plans", body, status=201)
    return made


async def noted(district: District, **sampling: Any) -> None:
    """Note a sample or an arrival."""
    answer = await district.http.post("/v1/units/U-1/samplings", json=sampling)
    assert answer.status_code == 204, answer.text


async def schedules(district: District, **query: Any) -> dict[str, Any]:
    """Return the schedules of the unit by subject and, on arrival, event."""
    found = (await district.get("/v1/unit-plans", {"unit_code": "U-1", **query}))["plans"]
    return {each["event"] or each["subject"]: each for plan in found for each in plan["schedules"]}


@pytest.mark.parametrize(
    ("code", "days"),
    [
        pytest.param("LOCAL-COLD", 14, marks=pytest.mark.requirement(20)),
        pytest.param("LOCAL-COLD-IMPORT", 7, marks=pytest.mark.requirement(21)),
        pytest.param("LOCAL-CONTAINER", 3, marks=pytest.mark.requirement(22)),
    ],
)
async def test_goods_and_premises_are_due_beside_the_people(district: District, code: str, days: int) -> None:
    made = await planned(district, code)
    assert {(each["subject"], each["days"], each["state"]) for each in made["schedules"]} == {
        ("item", days, "overdue"),
        ("environment", days, "overdue"),
    }
    await noted(district, subject="environment", at=NOON.isoformat())
    due_on = (NOON + timedelta(days=days)).date().isoformat()
    found = await schedules(district)
    assert (found["environment"]["due_on"], found["environment"]["state"]) == (due_on, "ok")
    assert found["item"]["state"] == "overdue"
    await district.people(coded(1, unit_code="U-1", category_code=code, enrolled_on="2030-11-01"))
    await district.negative(1, NOON)
    assert (await district.status())["due_on"] == due_on
    await district.system.set_clock(NOON + timedelta(days=days))
    assert (await schedules(district))["environment"]["state"] == "due"
    await district.system.set_clock(NOON + timedelta(days=days + 1))
    assert (await schedules(district, state="overdue"))["environment"]["state"] == "overdue"


@pytest.mark.requirement(23)
async def test_a_market_is_tested_weekly_and_key_products_when_they_arrive(district: District) -> None:
    await planned(district, "LOCAL-MARKET")
    found = await schedules(district)
    assert (found["environment"]["days"], found["goods_arrival"]["due_on"]) == (7, None)
    await noted(district, subject="item", what="arrival", at=NOON.isoformat())
    found = await schedules(district)
    assert (found["goods_arrival"]["due_on"], found["goods_arrival"]["state"]) == ("2030-11-20", "due")
    await noted(district, subject="item", at=(NOON + timedelta(minutes=5)).isoformat())
    assert (await schedules(district))["goods_arrival"]["due_on"] is None


@pytest.mark.requirement(25)
async def test_each_type_of_venue_has_a_schedule_and_its_sector_sees_what_is_due(district: District) -> None:
    venues = {"MALL": ("COMMERCE", 14), "RESTAURANT": ("MARKET", 30), "WET-MARKET": ("MARKET", 7)}
    for name, (department, days) in venues.items():
        await district.department(department)
        params = {"days": days, "subject": "environment"}
        rule = {"effective_from": "2030-11-01", "shape": "every_n_days", "params": params}
        category = {"code": f"LOCAL-{name}", "name_zh": name, "name_en": name, "rules": [rule]}
        await district.post("/v1/categories", category | {"effective_from": "2030-11-01"}, status=201)
        await district.unit(name, department_code=department)
        plan = {"category_code": f"LOCAL-{name}", "effective_from": "2030-11-01"}
        await district.post(f"/v1/units/{name}/plans", plan, status=201)
        sample = {"subject": "environment", "at": (NOON - timedelta(days=10)).isoformat()}
        assert (await district.http.post(f"/v1/units/{name}/samplings", json=sample)).status_code == 204
    found = (await district.get("/v1/unit-plans"))["plans"]
    due = {each["unit_code"]: each["schedules"][0]["due_on"] for each in found}
    assert due == {"MALL": "2030-11-24", "RESTAURANT": "2030-12-10", "WET-MARKET": "2030-11-17"}
    sector = await district.system.client(
        "registry", scopes=["records:read"], area_code="MARKET", area_level="department"
    )
    for state, units in (("overdue", ["WET-MARKET"]), ("ok", ["RESTAURANT"])):
        listed = (await sector.get("/v1/unit-plans", params={"state": state})).json()["plans"]
        assert [each["unit_code"] for each in listed] == units


async def test_the_same_plan_again_changes_nothing_and_nonsense_is_refused(district: District) -> None:
    made = await planned(district, "LOCAL-COLD")
    same = {"category_code": "LOCAL-COLD", "effective_from": "2030-11-01"}
    assert await district.post("/v1/units/U-1/plans", same, status=200) == made
    for change, status, code in (
        ({"effective_to": "2030-12-01"}, 409, "plan_in_use"),
        ({"effective_to": "2030-10-01"}, 422, "days_reversed"),
        ({"category_code": "8A1"}, 422, "no_thing_rules"),
        ({"category_code": "NOPE"}, 422, "unknown_category_code"),
    ):
        refused = await district.post("/v1/units/U-1/plans", {**same, **change}, status=status)
        assert code in (refused["code"], *(each["code"] for each in refused["errors"]))
    ahead = {"subject": "item", "at": (NOON + timedelta(hours=1)).isoformat()}
    assert (await district.http.post("/v1/units/U-1/samplings", json=ahead)).status_code == 422
