"""Moving somebody to another unit or category keeps what stood before."""

from datetime import timedelta
from typing import Any

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded

OLD = {"unit_code": "U-1", "category_code": "LOCAL-CATERING"}
NEW = {"unit_code": "U-2", "category_code": "8A1"}


async def settled(district: District) -> str:
    await district.unit()
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(coded(1, **OLD, enrolled_on="2030-11-01", employment_type="在职"))
    return f"/v1/people/{(await district.found())['person_id']}"


def move(**fields: Any) -> dict[str, Any]:
    return {"from": OLD, "to": NEW, "on": "2030-11-20", **fields}


@pytest.mark.requirement(32)
async def test_a_transfer_ends_one_stay_begins_the_next_and_keeps_the_first(district: District) -> None:
    path = await settled(district)
    await district.negative(1, NOON - timedelta(days=2))
    moved = await district.post(f"{path}/transfers", move())
    stays = [
        (s["unit_code"], s["enrolled_on"], s["left_on"], s["employment_type"]) for s in moved["enrolments"]
    ]
    assert stays == [("U-1", "2030-11-01", "2030-11-20", "在职"), ("U-2", "2030-11-20", None, "在职")]
    assert (await district.get(f"{path}/explanation"))["rule"]["category_code"] == "8A1"
    then = await district.get(f"{path}/clearance", at=(NOON - timedelta(days=1)).isoformat())
    assert [stay["unit_code"] for stay in then["known_now"]["stays"]] == ["U-1"]
    assert then["known_now"]["rule"]["category_code"] == "LOCAL-CATERING"
    assert [p["unit_code"] for p in (await district.get("/v1/overdue"))["people"]] == []


async def test_the_same_transfer_again_changes_nothing(district: District) -> None:
    path = await settled(district)
    first = await district.post(f"{path}/transfers", move())
    assert await district.post(f"{path}/transfers", move()) == first
    kept = await district.system.owner.fetchval("SELECT count(*) FROM registry.enrolment_history")
    assert kept == 1


async def test_a_category_may_change_within_a_unit_and_back(district: District) -> None:
    path = await settled(district)
    other = {"unit_code": "U-1", "category_code": "LOCAL-BATH-BEAUTY"}
    await district.post(f"{path}/transfers", move(to=other))
    back = {"from": other, "to": OLD, "on": "2030-11-25"}
    stays = (await district.post(f"{path}/transfers", back))["enrolments"]
    assert sorted((s["category_code"], s["enrolled_on"], s["left_on"]) for s in stays) == [
        ("LOCAL-BATH-BEAUTY", "2030-11-20", "2030-11-25"),
        ("LOCAL-CATERING", "2030-11-25", None),
    ]
    listed = (await district.get(f"{path}/history"))["entries"]
    assert ("again", "2030-11-01", "2030-11-20") in [
        (e["change"], e["details"].get("enrolled_on"), e["details"].get("left_on")) for e in listed
    ]


@pytest.mark.parametrize(
    ("fields", "status", "field", "code"),
    [
        ({"on": "2030-10-31"}, 422, "on", "transfer_before_enrolled"),
        ({"to": OLD}, 422, "to", "transfer_same_place"),
        ({"from": NEW, "to": OLD}, 422, "from", "transfer_from_nowhere"),
        ({"from": {}}, 422, "from", "transfer_from_nowhere"),
        ({"to": {}}, 422, "to", "unknown_unit_code"),
        ({"to": {**NEW, "unit_code": "U-9"}}, 422, "to.unit_code", "unknown_unit_code"),
        ({"to": {**NEW, "category_code": "9Z"}}, 422, "to.category_code", "unknown_category_code"),
        ({"on": None}, 422, "on", "wrong_type"),
        ({"on": "2030-02-30"}, 422, "on", "day_malformed"),
        ({"reason": "x"}, 422, "reason", "unknown_field"),
    ],
)
async def test_a_transfer_that_does_not_fit_is_refused(
    district: District, fields: dict[str, Any], status: int, field: str, code: str
) -> None:
    path = await settled(district)
    problem = await district.post(f"{path}/transfers", move(**fields), status=status)
    assert (field, code) in [(error["field"], error["code"]) for error in problem["errors"]]
    assert [s["left_on"] for s in (await district.get(path))["enrolments"]] == [None]


async def test_nobody_is_moved_after_leaving_or_to_where_they_are(district: District) -> None:
    path = await settled(district)
    await district.people(coded(1, **NEW, enrolled_on="2030-11-10"))
    assert (await district.post(f"{path}/transfers", move(), status=409))["code"] == "transfer_already_there"
    await district.people(coded(1, **OLD, left_on="2030-11-15"))
    problem = await district.post(f"{path}/transfers", move(on="2030-11-18"), status=422)
    assert problem["code"] == "transfer_after_left"


async def test_a_town_moves_nobody_out_of_its_area_and_none_of_anothers(district: District) -> None:
    path = await settled(district)
    for town, status in (("TOWN-01", 422), ("TOWN-02", 404)):
        client = await district.system.client(
            "registry", scopes=["admin"], area_code=town, area_level="township"
        )
        assert (await client.post(f"{path}/transfers", json=move())).status_code == status
