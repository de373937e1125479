"""Contract §4: departments and units, entered by somebody who has only the page."""

import pytest

from tests.contract.office import Office, ok, pages, problem
from tests.system.people import DEPARTMENT, TOWN, UNIT, department, unit

pytestmark = pytest.mark.asyncio(loop_scope="module")

RESTAURANT = "91350100M000100Y43"


def restaurant(code: str = "JY-0001", **more: object) -> dict[str, object]:
    """Return a unit under a licence number, without a department."""
    body = unit(code) | {"unit_code_type": "licence", "industry_code": "6210"}
    del body["department_code"]
    return body | more


@pytest.mark.parametrize("level", ["district", "department", "township"])
async def test_a_department_is_made_once(office: Office, level: str) -> None:
    body = department(f"MADE-{level}", level, None)
    assert (await office.admin.post("/v1/departments", json=body)).status_code == 201
    assert (await office.admin.post("/v1/departments", json=body)).status_code == 200
    again = await office.admin.post("/v1/departments", json=body | {"name": "别的名字"})
    problem(again, 409)


@pytest.mark.parametrize(
    "role", ["headquarters", "leaders", "cdc", "health_bureau", "bureau_section", "approvals"]
)
async def test_a_department_has_one_of_six_roles(office: Office, role: str) -> None:
    body = department(f"ROLE-{role}", "department", role)
    body |= {"parent_code": "DISTRICT"}
    body["contact"] |= {"email": "a@example.org"}
    answer = await office.admin.post("/v1/departments", json=body)
    assert answer.status_code in {201, 409}, answer.text


async def test_a_department_is_refused_with_the_field_that_is_wrong(office: Office) -> None:
    for field, value in (
        ("level", "province"),
        ("role", "mayor"),
        ("name", ""),
        ("name", 5),
        ("contact", None),
        ("contact", {"name": "x"}),
        ("contact", {"name": "李明", "phone": "13900000001", "fax": "1"}),
        ("parent_code", "a b"),
    ):
        body = department("WRONG", "department", None) | {field: value}
        found = problem(await office.admin.post("/v1/departments", json=body), 422)
        assert any(each["field"].startswith(field) for each in found["errors"]), (field, found)
    body = department("WRONG", "department", None) | {"parent_code": "NOBODY"}
    assert (await office.admin.post("/v1/departments", json=body)).status_code == 422


async def test_a_department_is_changed_by_patch(office: Office) -> None:
    await ok(office.admin.post("/v1/departments", json=department("PATCHED", "department", None)))
    answer = await office.admin.patch("/v1/departments/PATCHED", json={"name": "新名字"})
    assert answer.status_code == 200, answer.text
    listed = await pages(office.admin, "/v1/departments", "departments", limit=1000)
    assert next(each["name"] for each in listed if each["code"] == "PATCHED") == "新名字"
    problem(await office.admin.patch("/v1/departments/NOBODY", json={"name": "新名字"}), 404)
    problem(await office.admin.patch("/v1/departments/PATCHED", json={"nome": "x"}), 422)


async def test_a_unit_answers_with_its_department(office: Office) -> None:
    answer = await office.admin.post("/v1/units", json=restaurant("JY-1", department_code=DEPARTMENT))
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert set(body) == {"unit_id", "department_code", "defects"}
    assert body["department_code"] == DEPARTMENT
    assert body["defects"] == []


async def test_a_unit_without_a_department_and_a_map_is_a_defect(office: Office) -> None:
    answer = await office.admin.post("/v1/units", json=restaurant("JY-2", industry_code="0111"))
    assert answer.status_code == 201, answer.text
    assert answer.json()["department_code"] is None
    assert len(answer.json()["defects"]) >= 1


async def test_a_unit_posted_again_is_the_same_unit(office: Office) -> None:
    body = restaurant("JY-3", department_code=DEPARTMENT)
    first = await office.admin.post("/v1/units", json=body)
    again = await office.admin.post("/v1/units", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    problem(await office.admin.post("/v1/units", json=body | {"name": "别名"}), 409)
    problem(
        await office.admin.post(
            "/v1/units", json=body | {"contact": {"name": "别人", "phone": "13900000003"}}
        ),
        409,
    )


async def test_an_absent_code_type_is_uscc(office: Office) -> None:
    body = unit(RESTAURANT)
    assert (await office.admin.post("/v1/units", json=body)).status_code == 201
    assert (await office.admin.post("/v1/units", json=body | {"unit_code_type": "uscc"})).status_code == 200
    for code in ("91350100M000100Y44", "JY-9", "9135"):
        problem(await office.admin.post("/v1/units", json=unit(code)), 422)
    problem(await office.admin.post("/v1/units", json=unit(RESTAURANT) | {"unit_code_type": "other"}), 422)


@pytest.mark.parametrize("industry", ["", "62", "9999", "abcd", "A0111", 6210])
async def test_an_industry_code_is_gb_t_4754(office: Office, industry: object) -> None:
    body = restaurant("JY-IND", industry_code=industry, department_code=DEPARTMENT)
    answer = await office.admin.post("/v1/units", json=body)
    if industry in {"62", "A0111"}:  # a division, and a class with its section: the page leaves them open
        assert answer.status_code in {201, 200, 409, 422}
    else:
        problem(answer, 422)


async def test_a_unit_needs_a_township_and_a_department_that_exist(office: Office) -> None:
    for field, value in (
        ("township_code", "NOBODY"),
        ("township_code", DEPARTMENT),
        ("department_code", "NOBODY"),
        ("township_code", None),
    ):
        problem(await office.admin.post("/v1/units", json=restaurant("JY-4") | {field: value}), 422)


async def test_a_unit_is_changed_by_patch(office: Office) -> None:
    await ok(office.admin.post("/v1/units", json=restaurant("JY-5", industry_code="0111")))
    answer = await office.admin.patch("/v1/units/JY-5", json={"department_code": DEPARTMENT, "name": "新店"})
    assert answer.status_code == 200, answer.text
    listed = {each["unit_code"]: each for each in await pages(office.admin, "/v1/units", "units", limit=1000)}
    assert listed["JY-5"]["department_code"] == DEPARTMENT
    assert listed["JY-5"]["name"] == "新店"
    problem(await office.admin.patch("/v1/units/NOBODY", json={"name": "新店"}), 404)
    problem(await office.admin.patch("/v1/units/JY-5", json={"industry_code": "xx"}), 422)


async def test_units_are_listed_by_cursor(office: Office) -> None:
    for number in range(5):
        await ok(office.admin.post("/v1/units", json=restaurant(f"JY-P{number}", department_code=DEPARTMENT)))
    found = [each["unit_code"] for each in await pages(office.admin, "/v1/units", "units", limit=2)]
    assert len(found) == len(set(found))
    assert {f"JY-P{number}" for number in range(5)} <= set(found)


async def test_a_units_people_are_listed_by_cursor_without_their_names(office: Office) -> None:
    await ok(office.admin.post("/v1/units", json=restaurant("JY-6", department_code=DEPARTMENT)))
    codes = {await office.on_duty(unit_code="JY-6") for _ in range(5)}
    found = await pages(office.admin, "/v1/units/JY-6/people", "people", limit=2)
    assert {each["health_code_id"] for each in found} == codes
    problem(await office.admin.get("/v1/units/NOBODY/people"), 404)


async def test_an_empty_list_is_an_empty_list(office: Office) -> None:
    await ok(office.admin.post("/v1/units", json=restaurant("JY-7", department_code=DEPARTMENT)))
    assert await ok(office.admin.get("/v1/units/JY-7/people")) == {"people": [], "next_cursor": None}


async def test_the_unit_of_the_district_is_where_it_was_put(office: Office) -> None:
    listed = {each["unit_code"]: each for each in await pages(office.admin, "/v1/units", "units", limit=1000)}
    assert listed[UNIT]["township_code"] == TOWN
