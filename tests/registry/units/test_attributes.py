"""Where one industry code is not enough: attributes of units in the industry map, over HTTP."""

from typing import Any

import pytest

from tests.support.district import District

HOSPITALS = {
    "county_institution": "HEALTH-MED",
    "urban_clinic": "HEALTH-MED",
    "blood_station": "HEALTH-MED",
    "township_hospital": "HEALTH-PRIM",
    "village_clinic": "HEALTH-PRIM",
    "health_brigade": "HEALTH-SUPV",
    "cdc": "HEALTH-DC",
}


async def row(district: District, prefix: str, department: str, **fields: Any) -> dict[str, Any]:
    body = {"industry_prefix": prefix, "department_code": department, "basis": "工作清单(七)"}
    made: dict[str, Any] = await district.post(
        "/v1/industry-map", {**body, "effective_from": "2022-01-01", **fields}
    )
    return made


@pytest.mark.requirement(43)
async def test_a_star_hotel_and_a_guest_house_of_one_industry_have_different_departments(
    district: District,
) -> None:
    for code in ("CULTURE", "COMMERCE"):
        await district.department(code)
    await row(district, "61", "COMMERCE")
    await row(district, "61", "CULTURE", dimension="hotel_class", value="star")
    star = await district.unit("U-1", industry_code="6110", attributes={"hotel_class": "star"})
    plain = await district.unit("U-2", industry_code="6110", attributes={"hotel_class": "ordinary"})
    unsaid = await district.unit("U-3", industry_code="6110")
    assert (star["department_code"], plain["department_code"]) == ("CULTURE", "COMMERCE")
    assert (unsaid["department_code"], unsaid["defects"]) == (None, ["attribute_unstated"])
    said = await district.patch("/v1/units/U-3", {"attributes": {"hotel_class": "star"}})
    assert (said["department_code"], said["attributes"]) == ("CULTURE", {"hotel_class": "star"})


@pytest.mark.requirement(48)
async def test_an_institution_type_resolves_to_its_section_of_the_health_bureau(district: District) -> None:
    for code in sorted(set(HOSPITALS.values())):
        await district.department(code, role="bureau_section")
    for kind, section in HOSPITALS.items():
        prefix = "S" if kind == "health_brigade" else "Q84"
        await row(district, prefix, section, dimension="institution_type", value=kind)
    for number, (kind, section) in enumerate(HOSPITALS.items()):
        industry = "9221" if kind == "health_brigade" else "8423"
        made = await district.unit(
            f"U-{number}", industry_code=industry, attributes={"institution_type": kind}
        )
        assert made == {"unit_id": made["unit_id"], "department_code": section, "defects": []}


@pytest.mark.requirement(44)
async def test_an_industry_mapped_twice_says_so_when_entered_and_is_listed(district: District) -> None:
    for code in ("MARKET", "COMMERCE"):
        await district.department(code)
    first = await row(district, "8051", "COMMERCE")
    assert first["conflicts_with"] == []
    later = await row(district, "8051", "MARKET", effective_from="2031-01-01")
    assert later["conflicts_with"] == [first["map_id"]]
    ended = await district.patch(f"/v1/industry-map/{first['map_id']}", {"effective_to": "2030-12-31"})
    assert ended["conflicts_with"] == []
    second = await row(district, "8051", "MARKET")
    await district.unit("U-1", industry_code="8051")
    await district.unit("U-2", industry_code="8040")
    found = await district.get("/v1/industry-map-defects")
    assert found["doubled"] == [
        {
            "industry_prefix": "O8051",
            "dimension": None,
            "value": None,
            "map_ids": [first["map_id"], second["map_id"]],
            "department_codes": ["COMMERCE", "MARKET"],
        }
    ]
    assert [(each["industry_code"], each["defect"], each["units"]) for each in found["industries"]] == [
        ("8040", "department_unmapped", 1),
        ("8051", "department_ambiguous", 1),
    ]


@pytest.mark.requirement(45)
async def test_a_mapping_keeps_its_principle_and_its_basis(district: District) -> None:
    await district.department("MARKET")
    made = await row(district, "62", "MARKET", principle="supervision")
    assert (made["principle"], made["basis"]) == ("supervision", "工作清单(七)")
    await district.unit("U-1")
    sides = await district.get("/v1/units/U-1/responsibility")
    assert sides["department"] == {
        "code": "MARKET",
        "name": "MARKET",
        "basis": f"map:{made['map_id']}",
        "basis_text": "工作清单(七)",
        "principle": "supervision",
    }


async def test_a_unit_is_not_its_own_department(district: District) -> None:
    for code, level in (("GOV", "department"), ("TOWN-09", "township")):
        await district.department(code, level)
    await row(district, "92", "GOV")
    unit = {
        "unit_code_type": "licence", "name": "机关", "industry_code": "9221", "township_code": "TOWN-09",
        "contact": {"name": "李明", "phone": "13800138000"},
    }  # fmt: skip
    for code, fields in (("GOV", {"department_code": "GOV"}), ("TOWN-09", {})):
        problem = await district.post("/v1/units", {**unit, "unit_code": code, **fields}, status=422)
        assert problem["code"] == "unit_is_its_department"
    mapped = await district.post("/v1/units", {**unit, "unit_code": "GOV"}, status=201)
    assert (mapped["department_code"], mapped["defects"]) == (None, ["department_is_unit"])
    patched = await district.patch("/v1/units/GOV", {"department_code": "GOV"}, status=422)
    assert patched["code"] == "unit_is_its_department"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"attributes": {"hotel_class": "sixth"}}, "unknown_attribute"),
        ({"attributes": {"Hotel": "star"}}, "bad_format"),
        ({"attributes": {"hotel_class": 5}}, "wrong_type"),
        ({"attributes": ["star"]}, "wrong_type"),
    ],
)
async def test_an_attribute_that_is_none_is_refused(
    district: District, fields: dict[str, Any], code: str
) -> None:
    await district.township()
    unit = {
        "unit_code": "U-1", "unit_code_type": "licence", "name": "店", "industry_code": "6110",
        "township_code": "TOWN-01", "contact": {"name": "李明", "phone": "13800138000"},
    }  # fmt: skip
    problem = await district.post("/v1/units", {**unit, **fields}, status=422)
    assert code in {each["code"] for each in problem["errors"]}


async def test_a_map_row_needs_a_whole_attribute_and_a_new_one_is_data(district: District) -> None:
    await district.department("MARKET")
    body = {
        "industry_prefix": "61",
        "department_code": "MARKET",
        "basis": "x",
        "effective_from": "2022-01-01",
    }
    half = await district.post("/v1/industry-map", {**body, "dimension": "hotel_class"}, status=422)
    assert half["code"] == "attribute_incomplete"
    wanted = {**body, "dimension": "school_kind", "value": "private"}
    assert (await district.post("/v1/industry-map", wanted, status=422))["code"] == "unknown_attribute"
    name = {"name_zh": "民办学校", "name_en": "Private school"}
    put = await district.http.put("/v1/attributes/school_kind/private", json=name)
    assert put.status_code == 201, put.text
    await district.post("/v1/industry-map", wanted, status=201)
    listed = (await district.get("/v1/attributes"))["attributes"]
    assert {"dimension": "school_kind", "value": "private", **name} in listed
