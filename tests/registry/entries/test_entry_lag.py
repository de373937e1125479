"""How soon a unit enters who begins and who leaves (row 49)."""

from datetime import timedelta

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded

PLACE = {"unit_code": "U-1", "category_code": "LOCAL-CATERING"}


@pytest.mark.requirement(49)
async def test_entry_lag_is_measured_per_unit_with_the_late_ones_behind(district: District) -> None:
    await district.unit()
    await district.unit("U-2", township_code="TOWN-02")
    begun = ("2030-11-20", "2030-11-19", "2030-11-18", "2030-11-10", "2030-12-01")
    await district.people(*(coded(n, **PLACE, enrolled_on=day) for n, day in enumerate(begun, start=1)))
    await district.people(coded(9, unit_code="U-2", category_code="8A1", enrolled_on="2030-11-20"))
    listed = await district.get("/v1/entry-lags")
    assert (listed["first"], listed["last"], listed["allowed_days"]) == ("2030-10-22", "2030-11-20", 1)
    first, second = listed["units"]
    assert {name: first[name] for name in ("unit_code", "entered", "began", "left", "late", "late_share")} == {
        "unit_code": "U-1", "entered": 5, "began": 5, "left": 0, "late": 2, "late_share": 0.4,
    }  # fmt: skip
    assert (first["median_days"], first["p90_days"], first["longest_days"]) == (1, 10, 10)
    assert (second["unit_code"], second["late"]) == ("U-2", 0)
    late = await district.get("/v1/units/U-1/late-entries", limit=1)
    rest = await district.get("/v1/units/U-1/late-entries", cursor=late["next_cursor"])
    assert sorted((e["day"], e["days"]) for e in late["entries"] + rest["entries"]) == [
        ("2030-11-10", 10),
        ("2030-11-18", 2),
    ]


@pytest.mark.requirement(49)
async def test_leaving_is_measured_from_the_day_on_which_it_was_entered(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE, enrolled_on="2030-11-20"))
    await district.system.set_clock(NOON + timedelta(days=10))
    await district.people(coded(1, **PLACE, left_on="2030-11-25", department_in_unit="后厨"))
    await district.system.set_clock(NOON + timedelta(days=12))
    await district.people(coded(1, **PLACE, left_on="2030-11-25", department_in_unit="前厅"))
    [unit] = (await district.get("/v1/entry-lags"))["units"]
    assert (unit["began"], unit["left"], unit["longest_days"]) == (1, 1, 5)
    [entry] = (await district.get("/v1/units/U-1/late-entries"))["entries"]
    assert (entry["what"], entry["day"], entry["days"]) == ("left", "2030-11-25", 5)


async def test_a_period_and_an_area_narrow_the_list(district: District) -> None:
    await district.unit()
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(
        coded(1, **PLACE, enrolled_on="2030-11-20"), coded(2, unit_code="U-2", enrolled_on="2030-11-20")
    )
    assert (await district.get("/v1/entry-lags", {"from": "2030-11-01", "to": "2030-11-19"}))["units"] == []
    town = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    assert [u["unit_code"] for u in (await town.get("/v1/entry-lags")).json()["units"]] == ["U-2"]
    assert (await town.get("/v1/units/U-1/late-entries")).status_code == 404


@pytest.mark.settings(go_live_on="2030-11-15")
async def test_what_was_loaded_from_before_go_live_is_no_late_entry(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE, enrolled_on="2030-01-01"))
    assert (await district.get("/v1/entry-lags"))["units"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": "2030-11-31"}, "day_malformed"),
        ({"to": "gestern"}, "day_malformed"),
        ({"from": "2030-11-20", "to": "2030-11-19"}, "days_reversed"),
    ],
)
async def test_a_malformed_period_is_refused(district: District, query: dict[str, str], code: str) -> None:
    problem = await district.get("/v1/entry-lags", query, status=422)
    assert [error["code"] for error in problem["errors"]] == [code]
