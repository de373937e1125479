"""Who is overdue or never tested, person by person and unit by unit."""

from datetime import timedelta
from typing import Any

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded

CATERING = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-11-01"}


@pytest.mark.requirement(34)
async def test_overdue_and_never_tested_people_are_listed_with_their_days(district: District) -> None:
    await district.unit()
    await district.people(*(coded(n, **CATERING) for n in range(1, 5)))
    await district.negative(1, NOON - timedelta(days=7))
    await district.negative(2, NOON - timedelta(days=8))
    await district.negative(3, NOON - timedelta(days=19))
    listed = (await district.get("/v1/overdue"))["people"]
    shown = {p["health_code_id"]: (p["due_on"], p["days_overdue"], p["due_state"]) for p in listed}
    assert shown == {
        "HC-000002": ("2030-11-19", 1, "overdue"),
        "HC-000003": ("2030-11-08", 12, "overdue"),
        "HC-000004": ("2030-11-01", 19, "never_tested"),
    }
    assert {p["name_masked"] for p in listed} == {"张*"}
    assert {(p["unit_code"], p["township_code"], p["category_code"]) for p in listed} == {
        ("U-1", "TOWN-01", "LOCAL-CATERING")
    }


@pytest.mark.requirement(34)
async def test_units_with_anybody_overdue_are_listed_with_counts(district: District) -> None:
    for unit in ("U-1", "U-2", "U-3"):
        await district.unit(unit)
    await district.people(
        coded(1, **CATERING),
        coded(2, **CATERING),
        coded(3, **CATERING),
        coded(4, **{**CATERING, "unit_code": "U-2"}),
    )
    await district.negative(1, NOON)
    await district.negative(2, NOON - timedelta(days=9))
    await district.negative(4, NOON)
    units = (await district.get("/v1/overdue/units"))["units"]
    assert units == [
        {
            "unit_code": "U-1",
            "name": "海棠餐厅",
            "township_code": "TOWN-01",
            "department_code": None,
            "people": 3,
            "overdue": 1,
            "never_tested": 1,
        }
    ]


async def test_the_day_alone_makes_people_overdue(district: District) -> None:
    await district.people(coded(1, category_code="8A1", enrolled_on="2030-11-01"))
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=7))
    assert (await district.get("/v1/overdue"))["people"] == []
    await district.system.set_clock(NOON + timedelta(days=8))
    assert len((await district.get("/v1/overdue"))["people"]) == 1


async def test_who_is_exempt_or_has_left_is_not_overdue(district: District) -> None:
    await district.unit()
    await district.people(*(coded(n, **CATERING) for n in (1, 2)))
    person_id = (await district.found(1))["person_id"]
    await district.post(
        f"/v1/people/{person_id}/exemptions",
        {"kind": "leave", "from": "2030-11-20", "to": "2030-11-20", "reason": "休假"},
    )
    await district.people(coded(2, unit_code="U-1", category_code="LOCAL-CATERING", left_on="2030-11-20"))
    assert (await district.get("/v1/overdue"))["people"] == []
    assert (await district.get("/v1/overdue/units"))["units"] == []
    await district.system.set_clock(NOON + timedelta(days=1))
    assert [p["health_code_id"] for p in (await district.get("/v1/overdue"))["people"]] == ["HC-000001"]


async def test_the_list_is_filtered_and_paged(district: District) -> None:
    await district.department("MARKET")
    await district.unit("U-1", department_code="MARKET")
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(
        *(coded(n, **{**CATERING, "unit_code": "U-1" if n % 2 else "U-2"}) for n in range(1, 10))
    )
    for query, number in (
        ({"unit_code": "U-1"}, 5),
        ({"department_code": "MARKET"}, 5),
        ({"township_code": "TOWN-02"}, 4),
        ({"township_code": "TOWN-02", "unit_code": "U-1"}, 0),
    ):
        assert len((await district.get("/v1/overdue", query))["people"]) == number
    seen: list[str] = []
    cursor = None
    while cursor or not seen:
        page = await district.get("/v1/overdue", limit=2, **({"cursor": cursor} if cursor else {}))
        seen.extend(p["person_id"] for p in page["people"])
        cursor = page["next_cursor"]
    assert (len(seen), len(set(seen))) == (9, 9)


async def test_a_client_of_an_area_sees_its_own_overdue_people_only(district: District) -> None:
    await district.department("MARKET")
    await district.unit("U-1", department_code="MARKET")
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(coded(1, **CATERING), coded(2, **{**CATERING, "unit_code": "U-2"}))
    await district.people(coded(3, category_code="8A1", enrolled_on="2030-11-01"))
    for level, area, code in (("township", "TOWN-02", "HC-000002"), ("department", "MARKET", "HC-000001")):
        client = await district.system.client(
            "registry", scopes=["records:read"], area_code=area, area_level=level
        )
        listed = (await client.get("/v1/overdue")).json()["people"]
        assert [p["health_code_id"] for p in listed] == [code]
        assert len((await client.get("/v1/overdue/units")).json()["units"]) == 1
    assert len((await district.get("/v1/overdue"))["people"]) == 3


@pytest.mark.requirement(37)
async def test_the_restaurant_with_six_workers_shows_how_many_records_each_has(district: District) -> None:
    await district.unit()
    await district.people(*(coded(n, **CATERING) for n in range(1, 7)))
    for number in (1, 2, 3, 4):
        await district.negative(number, NOON - timedelta(days=10))
    workers = (await district.get("/v1/units/U-1/people"))["people"]
    assert sorted((w["health_code_id"], w["records"]) for w in workers) == [
        ("HC-000001", 1),
        ("HC-000002", 1),
        ("HC-000003", 1),
        ("HC-000004", 1),
        ("HC-000005", 0),
        ("HC-000006", 0),
    ]


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": 0}, {"limit": 1001}, {"unit_code": "a b"}])
async def test_malformed_parameters_are_refused(district: District, query: dict[str, Any]) -> None:
    await district.get("/v1/overdue", query, status=422)
    await district.get("/v1/overdue/units", query, status=422)
