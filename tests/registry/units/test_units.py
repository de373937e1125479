"""Units over HTTP: who answers for them, and what is wrong with them."""

import json
from typing import Any

import pytest

from tests.support.district import CONTACT, CREDIT_CODE, District

UNIT = {
    "unit_code": CREDIT_CODE,
    "name": "海棠餐厅",
    "industry_code": "6210",
    "township_code": "TOWN-01",
    "contact": CONTACT,
}


async def mapping(district: District, prefix: str, department: str, **fields: Any) -> dict[str, Any]:
    row = {
        "industry_prefix": prefix,
        "department_code": department,
        "basis": "工作清单(七)",
        "effective_from": "2022-01-01",
        **fields,
    }
    made: dict[str, Any] = await district.post("/v1/industry-map", row)
    return made


async def test_the_same_unit_again_answers_200_and_other_content_409(district: District) -> None:
    await district.township()
    first = await district.post("/v1/units", UNIT, status=201)
    assert set(first) == {"unit_id", "department_code", "defects"}
    assert await district.post("/v1/units", UNIT, status=200) == first
    problem = await district.post("/v1/units", {**UNIT, "name": "别的店"}, status=409)
    assert problem["code"] == "unit_code_in_use"


async def test_a_credit_code_is_checked_and_a_licence_number_is_not(district: District) -> None:
    await district.township()
    wrong = {**UNIT, "unit_code": "91350100M000100Y4Z"}
    problem = await district.post("/v1/units", wrong, status=422)
    assert problem["errors"][0] == {
        "row": None,
        "field": "unit_code",
        "code": "credit_code_checksum",
        "message": "统一社会信用代码校验错误",
    }
    await district.post("/v1/units", {**wrong, "unit_code_type": "licence"}, status=201)


@pytest.mark.requirement(42)
async def test_a_unit_needs_a_township_that_is_one(district: District) -> None:
    await district.department("MARKET")
    unknown = await district.post("/v1/units", UNIT, status=422)
    assert unknown["code"] == "unknown_township_code"
    not_one = await district.post("/v1/units", {**UNIT, "township_code": "MARKET"}, status=422)
    assert not_one["code"] == "not_a_township"
    await district.township()
    nobody = await district.post("/v1/units", {**UNIT, "department_code": "NOBODY"}, status=422)
    assert nobody["code"] == "unknown_department_code"


@pytest.mark.requirement(43)
async def test_the_longest_prefix_of_the_map_decides_and_its_basis_is_kept(district: District) -> None:
    await district.department("MARKET")
    await district.department("CULTURE")
    await mapping(district, "H", "CULTURE")
    row = await mapping(district, "62", "MARKET")
    made = await district.unit(CREDIT_CODE, unit_code_type="uscc")
    assert made["department_code"] == "MARKET"
    assert made["defects"] == []
    shown = await district.get(f"/v1/units/{CREDIT_CODE}")
    assert shown["department_basis"] == f"map:{row['map_id']}"
    assert (await district.get("/v1/industry-map"))["mappings"][1]["basis"] == "工作清单(七)"


@pytest.mark.requirement(44)
async def test_no_department_or_two_are_a_listed_defect(district: District) -> None:
    unmapped = await district.unit("U-1")
    assert unmapped["department_code"] is None
    assert unmapped["defects"] == ["department_unmapped"]
    await district.department("MARKET")
    await district.department("TRADE")
    await mapping(district, "8051", "MARKET")
    await mapping(district, "8051", "TRADE")
    doubled = await district.unit("U-2", industry_code="8051")
    assert doubled["department_code"] is None
    assert doubled["defects"] == ["department_ambiguous"]
    listed = await district.get("/v1/units", defect="department_ambiguous")
    assert [unit["unit_code"] for unit in listed["units"]] == ["U-2"]


@pytest.mark.requirement(42)
async def test_units_without_a_department_are_listed_until_the_map_or_a_person_settles_them(
    district: District,
) -> None:
    await district.unit("U-1")
    await district.unit("U-2", industry_code="8710")
    assert len((await district.get("/v1/units", defect="department_unmapped"))["units"]) == 2
    await district.department("MARKET")
    assert (await mapping(district, "62", "MARKET"))["units_changed"] == 1
    await district.patch("/v1/units/U-2", {"department_code": "MARKET"})
    assert (await district.get("/v1/units", defect="department_unmapped"))["units"] == []
    assert (await district.get("/v1/units/U-2"))["department_basis"] == "given"


async def test_an_explicit_department_wins_over_the_map_and_null_gives_it_back(district: District) -> None:
    await district.department("MARKET")
    await district.department("TRADE")
    await mapping(district, "62", "MARKET")
    assert (await district.unit("U-1", department_code="TRADE"))["department_code"] == "TRADE"
    back = await district.patch("/v1/units/U-1", {"department_code": None})
    assert back["department_code"] == "MARKET"


async def test_a_map_row_that_ended_decides_no_longer(district: District) -> None:
    await district.department("MARKET")
    row = await mapping(district, "62", "MARKET")
    await district.unit("U-1")
    await district.patch(f"/v1/industry-map/{row['map_id']}", {"effective_to": "2030-11-19"})
    assert (await district.get("/v1/units/U-1"))["defects"] == ["department_unmapped"]


@pytest.mark.requirement(46)
async def test_a_unit_names_its_responsible_person_with_a_phone(district: District) -> None:
    await district.township()
    for contact in ({"name": "李明"}, {"phone": "13800138000"}, None):
        assert (await district.post("/v1/units", {**UNIT, "contact": contact}, status=422))["errors"]
    await district.post("/v1/units", UNIT)
    shown = await district.get(f"/v1/units/{CREDIT_CODE}")
    assert shown["contact"] == {"name_masked": "李*", "phone_masked": "138****8000", "title": None}


async def test_a_move_is_told_to_the_other_services(district: District) -> None:
    await district.unit("U-1")
    await district.township("TOWN-02")
    moved = await district.patch("/v1/units/U-1", {"township_code": "TOWN-02"})
    assert moved["township_code"] == "TOWN-02"
    bodies = await district.system.owner.fetch(
        "SELECT convert_from(body, 'UTF8') FROM bus.message WHERE name = 'unit.changed'"
    )
    told = {(b["revision"], b["township_code"]) for b in (json.loads(row[0]) for row in bodies)}
    assert told == {(1, "TOWN-01"), (2, "TOWN-02")}


async def test_a_client_of_an_area_sees_the_units_of_its_area_only(district: District) -> None:
    await district.department("MARKET")
    await district.unit("U-1", department_code="MARKET")
    await district.unit("U-2", township_code="TOWN-02")
    town = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    sector = await district.system.client(
        "registry", scopes=["records:read"], area_code="MARKET", area_level="department"
    )
    assert [u["unit_code"] for u in (await town.get("/v1/units")).json()["units"]] == ["U-2"]
    assert [u["unit_code"] for u in (await sector.get("/v1/units")).json()["units"]] == ["U-1"]
    assert (await town.get("/v1/units/U-1")).status_code == 404
    assert (await sector.get("/v1/units/U-2/people")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"industry_code": "0000"}, "industry_code_malformed"),
        ({"industry_code": "A6210"}, "industry_code_malformed"),
        ({"industry_code": "６２１０"}, "industry_code_malformed"),
        ({"industry_code": "6"}, "industry_code_malformed"),
        ({"industry_code": 6210}, "wrong_type"),
        ({"unit_code": "a b"}, "bad_format"),
        ({"owner": "x"}, "unknown_field"),
        ({"name": "\x00"}, "character_forbidden"),
    ],
)
async def test_a_malformed_unit_is_refused_with_a_code(
    district: District, fields: dict[str, Any], code: str
) -> None:
    await district.township()
    problem = await district.post("/v1/units", {**UNIT, **fields}, status=422)
    assert code in {error["code"] for error in problem["errors"]}
