"""Laboratories: registered by an administrator, listed, changed (requirements row 60)."""

from collections.abc import AsyncIterator

import pytest

from tests.results_ingest.batches.support import Desk, Lab, running_desk
from tests.support.servers import Address

LAB = {"lab_code": "LAB01", "name": "区第一人民医院检验科", "opening_hours": {"from": "07:30", "to": "24:00"}}


@pytest.fixture
async def desk(servers: Address, database: str) -> AsyncIterator[Desk]:
    """Run the service alone."""
    async with running_desk(servers, database) as running:
        yield running


@pytest.fixture
def admin(desk: Desk) -> Lab:
    """Return an administrator."""
    return desk.client("root", "admin")


@pytest.mark.requirement(60)
async def test_a_laboratory_is_registered_with_its_hours_and_the_default_limit(admin: Lab) -> None:
    answer = await admin.http.post("/v1/labs", json=LAB)
    assert answer.status_code == 201
    expected = {**LAB, "turnaround_limit_hours": 24, "active": True}
    assert {name: answer.json()[name] for name in expected} == expected
    assert await admin.get("/v1/labs/LAB01") == answer.json()


async def test_the_same_laboratory_again_is_200_and_other_content_409(admin: Lab) -> None:
    first = await admin.http.post("/v1/labs", json=LAB)
    again = await admin.http.post("/v1/labs", json={**LAB, "active": True, "turnaround_limit_hours": 24})
    assert (again.status_code, again.json()) == (200, first.json())
    for other in (
        {"name": "别处"},
        {"opening_hours": None},
        {"turnaround_limit_hours": 6},
        {"active": False},
    ):
        answer = await admin.http.post("/v1/labs", json={**LAB, **other})
        assert (answer.status_code, answer.json()["code"]) == (409, "lab_code_in_use")


async def test_a_laboratory_is_changed_in_what_is_named(admin: Lab) -> None:
    await admin.http.post("/v1/labs", json=LAB)
    answer = await admin.http.patch(
        "/v1/labs/LAB01", json={"turnaround_limit_hours": 6, "opening_hours": None}
    )
    changed = answer.json()
    assert (changed["turnaround_limit_hours"], changed["opening_hours"], changed["name"]) == (
        6,
        None,
        LAB["name"],
    )
    for strange in ("%00", "%ff", "x" * 65, "张"):
        assert (await admin.http.get(f"/v1/labs/{strange}")).status_code == 404
        assert (await admin.http.patch(f"/v1/labs/{strange}", json={"active": False})).status_code == 404
    assert (
        await admin.http.get("/v1/labs", params={"cursor": "eyJhZnRlciI6Ilx1MDAwMCJ9"})
    ).status_code == 422
    assert (await admin.http.patch("/v1/labs/LAB09", json={"active": False})).status_code == 404


async def test_malformed_laboratories_are_refused_with_field_and_code(admin: Lab) -> None:
    for fields, code in (
        ({"lab_code": "LAB 1"}, "bad_format"),
        ({"name": ""}, "too_short"),
        ({"name": "\u0000"}, "character_forbidden"),
        ({"opening_hours": {"from": "7:30", "to": "20:00"}}, "bad_format"),
        ({"opening_hours": {"from": "07:30"}}, "field_required"),
        ({"turnaround_limit_hours": 0}, "out_of_range"),
        ({"turnaround_limit_hours": "24"}, "wrong_type"),
        ({"turnaround_limit_hours": True}, "wrong_type"),
        ({"active": 1}, "wrong_type"),
        ({"surplus": 1}, "unknown_field"),
    ):
        answer = await admin.http.post("/v1/labs", json={**LAB, **fields})
        assert answer.status_code == 422
        assert code in {error["code"] for error in answer.json()["errors"]}, fields


async def test_only_an_administrator_registers_or_changes(desk: Desk, admin: Lab) -> None:
    await admin.http.post("/v1/labs", json=LAB)
    for scope in ("results:write", "records:read", "samples:write"):
        other = desk.client(scope, scope, lab_code="LAB01")
        assert (await other.http.post("/v1/labs", json=LAB)).status_code == 403
        assert (await other.http.patch("/v1/labs/LAB01", json={"active": False})).status_code == 403


async def test_laboratories_are_listed_by_code_and_a_laboratory_sees_itself(desk: Desk, admin: Lab) -> None:
    for number in (3, 1, 2):
        await admin.http.post("/v1/labs", json={**LAB, "lab_code": f"LAB{number:02}"})
    page = await admin.get("/v1/labs", limit=2)
    rest = await admin.get("/v1/labs", limit=2, cursor=page["next_cursor"])
    assert [lab["lab_code"] for lab in page["labs"] + rest["labs"]] == ["LAB01", "LAB02", "LAB03"]
    assert rest["next_cursor"] is None
    lab = desk.client("lab", "results:write", lab_code="LAB02")
    assert [one["lab_code"] for one in (await lab.get("/v1/labs"))["labs"]] == ["LAB02"]
    assert (await lab.http.get("/v1/labs/LAB01")).status_code == 404
    assert (await desk.client("platform", "status:read").http.get("/v1/labs")).status_code == 403
