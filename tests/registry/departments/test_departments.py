"""Departments over HTTP."""

import json
from typing import Any

import pytest

from tests.support.district import CONTACT, District

TOWN = {"code": "TOWN-01", "name": "城关镇", "level": "township", "contact": CONTACT}


async def test_the_same_department_again_answers_200_and_other_content_409(district: District) -> None:
    first = await district.post("/v1/departments", TOWN, status=201)
    assert await district.post("/v1/departments", TOWN, status=200) == first
    other = await district.post("/v1/departments", {**TOWN, "name": "别的镇"}, status=409)
    assert other["code"] == "department_code_in_use"
    assert (await district.get("/v1/departments/TOWN-01"))["name"] == "城关镇"


async def test_a_contact_is_shown_masked_and_kept_sealed(district: District) -> None:
    shown = await district.post("/v1/departments", TOWN)
    assert shown["contact"] == {"name_masked": "李*", "phone_masked": "138****8000"}
    owner = district.system.owner
    stored = await owner.fetchval("SELECT row_to_json(d)::text FROM registry.department d")
    told = await owner.fetchval("SELECT body::text FROM bus.message WHERE name = 'department.changed'")
    assert "13800138000" not in stored + told
    assert CONTACT["name"] not in stored + told


async def test_a_change_is_told_with_a_higher_revision(district: District) -> None:
    await district.post("/v1/departments", TOWN)
    changed = await district.patch(
        "/v1/departments/TOWN-01", {"contact": {"name": "王芳", "phone": "13900139000"}}
    )
    assert changed["contact"]["name_masked"] == "王*"
    again = await district.patch("/v1/departments/TOWN-01", {"name": "城关镇"})
    assert again["revision"] == changed["revision"] == 2
    bodies = await district.system.owner.fetch(
        "SELECT convert_from(body, 'UTF8') FROM bus.message WHERE name = 'department.changed'"
    )
    assert sorted(json.loads(body[0])["revision"] for body in bodies) == [1, 2]


async def test_an_unknown_parent_is_refused(district: District) -> None:
    problem = await district.post("/v1/departments", {**TOWN, "parent_code": "NOBODY"}, status=422)
    assert problem["code"] == "unknown_parent_code"
    assert problem["errors"][0]["field"] == "parent_code"


async def test_parents_may_not_form_a_ring(district: District) -> None:
    await district.department("A", "district")
    await district.department("B", parent_code="A")
    assert (await district.patch("/v1/departments/A", {"parent_code": "B"}, status=422))[
        "code"
    ] == "parent_cycle"
    assert (await district.patch("/v1/departments/A", {"parent_code": "A"}, status=422))[
        "code"
    ] == "parent_cycle"


async def test_departments_are_listed_by_cursor_and_level(district: District) -> None:
    for number in range(5):
        await district.department(f"D{number}", "department")
    await district.township()
    first = await district.get("/v1/departments", limit=2, level="department")
    second = await district.get("/v1/departments", limit=3, level="department", cursor=first["next_cursor"])
    codes = [row["code"] for page in (first, second) for row in page["departments"]]
    assert codes == ["D0", "D1", "D2", "D3", "D4"]
    assert second["next_cursor"] is None


async def test_a_client_of_a_township_sees_its_own_department_only(district: District) -> None:
    await district.township("TOWN-01")
    await district.township("TOWN-02")
    mine = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    listed = (await mine.get("/v1/departments")).json()["departments"]
    assert [row["code"] for row in listed] == ["TOWN-02"]
    assert (await mine.get("/v1/departments/TOWN-01")).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**TOWN, "level": "village"}, 422, "not_allowed"),
        ({**TOWN, "mayor": "x"}, 422, "unknown_field"),
        ({**TOWN, "code": "镇"}, 422, "bad_format"),
        ({**TOWN, "code": "TOWN－01"}, 422, "bad_format"),
        ({**TOWN, "name": 7}, 422, "wrong_type"),
        ({**TOWN, "name": "a\x00b"}, 422, "character_forbidden"),
        ({**TOWN, "name": "\ud800"}, 422, "character_forbidden"),
        ({**TOWN, "contact": {"name": "李明", "phone": "１３８００１３８０００"}}, 422, "phone_invalid"),
        ({"code": "X"}, 422, "field_required"),
    ],
)
async def test_a_malformed_department_is_refused_with_a_code(
    district: District, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await district.http.post(
        "/v1/departments", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert code in {error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("path", ["/v1/departments/%00", "/v1/departments/" + "x" * 65])
async def test_a_malformed_code_in_a_path_is_no_server_error(district: District, path: str) -> None:
    assert (await district.http.get(path)).status_code in (404, 422)


async def test_a_forged_cursor_is_refused(district: District) -> None:
    for cursor in ("x", "e30", "eyJjb2RlIjogN30"):
        assert (await district.get("/v1/departments", cursor=cursor, status=422))["code"] == "cursor_invalid"
