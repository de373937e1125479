"""Tomorrow's sampling: the list per site, what it asks of each, and the unit's work order, over HTTP."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from registry.sampling_days.rules import load_of
from tests.registry.conftest import NOON
from tests.support.district import District, coded

TOMORROW = "2030-11-21"


async def build(district: District) -> None:
    """Enter two units that one hospital samples, one that nobody does, and people due on several days."""
    for code in ("HOSPITAL", "U-1", "U-2"):
        await district.unit(code)
    await district.unit("U-3", township_code="TOWN-02")
    for code, place in (("U-1", "大厅"), ("U-2", None)):
        agreed = {"institution_code": "HOSPITAL", "lab_code": "LAB01", "effective_from": "2030-01-01"}
        more = {"place": place, "from_time": "08:30"} if place else {}
        await district.post(f"/v1/units/{code}/testers", agreed | more, status=201)
    days = {"category_code": "8A1", "enrolled_on": "2030-11-01"}
    await district.people(
        *(coded(number, unit_code="U-1", **days) for number in range(1, 6)),
        coded(6, unit_code="U-2", **days), coded(7, unit_code="U-3", **days),
    )  # fmt: skip
    for number, ago in ((1, 6), (2, 8), (3, 5), (4, 7), (6, 6)):  # 5 and 7 were never tested
        await district.negative(number, NOON - timedelta(days=ago))
    leave = {"kind": "leave", "from": TOMORROW, "to": TOMORROW, "reason": "产假"}
    person_id = (await district.found(4))["person_id"]
    await district.post(f"/v1/people/{person_id}/exemptions", leave, status=201)


async def listed(district: District, **query: str) -> list[tuple[Any, ...]]:
    page = await district.get("/v1/sampling-list", query)
    return sorted(
        (p["health_code_id"], p["due"], p["institution_code"], p["place"], p["from_time"])
        for p in page["people"]
    )


@pytest.mark.requirement(52)
async def test_tomorrows_list_of_a_site_names_who_is_due_with_place_and_time_and_can_be_taken_out(
    district: District,
) -> None:
    await build(district)
    assert await listed(district, institution_code="HOSPITAL") == [
        ("HC-000001", "on_the_day", "HOSPITAL", "大厅", "08:30"),
        ("HC-000002", "before", "HOSPITAL", "大厅", "08:30"),
        ("HC-000005", "never_tested", "HOSPITAL", "大厅", "08:30"),
        ("HC-000006", "on_the_day", "HOSPITAL", None, None),
    ]
    assert ("HC-000007", "never_tested", None, None, None) in await listed(district)
    assert "HC-000003" in {each[0] for each in await listed(district, on="2030-11-22")}
    asked = {"list": "sampling-list", "format": "csv", "where": {"institution_code": "HOSPITAL"}}
    answer = await district.http.post("/v1/exports", json=asked)
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert sorted(row["健康码标识"] for row in rows) == [f"HC-00000{number}" for number in (1, 2, 5, 6)]
    assert {row["姓名"] for row in rows} == {"张*"}
    town = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township", client_id="town-2"
    )
    seen = (await town.get("/v1/sampling-list")).json()["people"]
    assert [each["health_code_id"] for each in seen] == ["HC-000007"]


@pytest.mark.requirement(90)
async def test_a_days_workload_sets_capacity_against_due_and_suggests_samplers(district: District) -> None:
    await build(district)
    await district.http.put(
        "/v1/units/HOSPITAL/samplers", json={"samplers": 0, "effective_from": "2030-01-01"}
    )
    nobody, hospital = sorted(
        (await district.get("/v1/sampling-workload"))["sites"], key=lambda each: each["units"]
    )
    assert (nobody["institution_code"], nobody["people"], nobody["additional_samplers"]) == (None, 1, 1)
    figures = ("units", "people", "before", "never_tested", "samplers", "capacity", "additional_samplers")
    assert [hospital[name] for name in figures] == [2, 4, 1, 1, 0, 0, 1]
    body = {"samplers": 2, "effective_from": TOMORROW}
    assert (await district.http.put("/v1/units/HOSPITAL/samplers", json=body)).status_code == 200
    again = (await district.get("/v1/sampling-workload", institution_code="HOSPITAL"))["sites"]
    assert [(s["capacity"], s["used"], s["needed_samplers"], s["additional_samplers"]) for s in again] == [
        (400, 0.01, 1, 0)
    ]


@pytest.mark.requirement(90)
@pytest.mark.parametrize(
    ("due", "samplers", "needed", "additional"),
    [(0, 0, 0, 0), (200, 1, 1, 0), (201, 1, 2, 1), (999, 2, 5, 3)],
)
def test_a_sampler_more_for_each_part_of_what_one_can_do(
    due: int, samplers: int, needed: int, additional: int
) -> None:
    load = load_of(due, samplers=samplers, per_sampler=200)
    assert (load.needed, load.additional) == (needed, additional)


@pytest.mark.requirement(50)
async def test_a_units_work_order_names_who_samples_it_where_when_and_how_many(district: District) -> None:
    await build(district)
    order = await district.get("/v1/units/U-1/work-order")
    assert order == {
        "unit_code": "U-1",
        "unit_name": "海棠餐厅",
        "on": TOMORROW,
        "institution_code": "HOSPITAL",
        "institution_name": "海棠餐厅",
        "lab_code": "LAB01",
        "place": "大厅",
        "from_time": "08:30",
        "people": 3,
        "before": 1,
        "never_tested": 1,
    }
    bare = await district.get("/v1/units/U-3/work-order", on="2030-11-20")
    assert (bare["institution_code"], bare["people"]) == (None, 1)
