"""Who answers for a unit decides who is told: from the industry map to the notices, over HTTP."""

from datetime import timedelta

import pytest

from tests.support.licensing import licence, place
from tests.system.people import TOWN, District, department, ok, person, row, unit


@pytest.mark.requirement(48)
async def test_an_alert_of_a_village_clinic_goes_to_its_section_of_the_health_bureau(
    district: District,
) -> None:
    for code in ("HEALTH-MED", "HEALTH-PRIM"):
        await ok(
            district.admin.post("/v1/departments", json=department(code, "department", "bureau_section"))
        )
    for value, code in (("county_institution", "HEALTH-MED"), ("village_clinic", "HEALTH-PRIM")):
        mapped = {"industry_prefix": "Q84", "dimension": "institution_type", "value": value}
        mapped |= {"department_code": code, "basis": "方案第三部分", "effective_from": "2022-01-01"}
        await ok(district.admin.post("/v1/industry-map", json=mapped))
    clinic = {
        **unit("CLINIC"),
        "unit_code_type": "licence",
        "attributes": {"institution_type": "village_clinic"},
    }
    clinic.pop("department_code")
    made = await ok(district.admin.post("/v1/units", json=clinic))
    assert made["department_code"] == "HEALTH-PRIM"
    await district.register(person(1, unit_code="CLINIC", category_code="8A1"))
    await district.system.settle()
    async with district.system.context("registry").db.transaction() as session:
        now = await district.system.context("registry").clock.now(session)
    await district.post(row(now - timedelta(minutes=1), outcome="positive", health_code_id="HC-000001"))
    await district.system.settle()
    alerts = await district.notices(kind="alert.positive")
    assert {(each["recipient"]["type"], each["recipient"]["code"]) for each in alerts} >= {
        ("department", "HEALTH-PRIM"),
        ("township", TOWN),
    }
    assert "HEALTH-MED" not in {each["recipient"]["code"] for each in alerts}


@pytest.mark.requirement(40, 41)
async def test_a_sweep_tells_each_body_of_its_gaps_and_of_the_units_it_did_not_find(
    district: District,
) -> None:
    system, admin = district.system, district.admin
    async with system.context("registry").db.transaction() as session:
        day = (await system.context("registry").clock.now(session)).date().isoformat()
    mapped = {"industry_prefix": "62", "department_code": "DEPT-01", "basis": "清单"}
    await ok(admin.post("/v1/industry-map", json=mapped | {"effective_from": "2022-01-01"}))
    gone = {**unit("OLD-SHOP"), "unit_code_type": "licence", "industry_code": "6210"}
    await ok(admin.post("/v1/units", json=gone))
    await ok(admin.post("/v1/licences/bulk", json={"as_of": day, "licences": [licence(1), licence(2)]}))
    survey = {
        "round_code": "R-1",
        "name": "排查",
        "trade_codes": ["CATERING"],
        "begins_on": day,
        "ends_on": day,
    }
    await ok(admin.post("/v1/survey-rounds", json=survey))
    path = "/v1/survey-rounds/R-1"
    await ok(admin.post(f"{path}/places/bulk", json={"places": [place(1, surveyed_on=day)]}))
    await ok(admin.post(f"{path}/comparison"))
    await ok(admin.post(f"{path}/gaps"))
    await system.settle()
    tasks = await district.notices(kind="task.answer")
    assert {(each["recipient"]["type"], each["recipient"]["code"]) for each in tasks} == {
        ("department", "DEPT-01"),
        ("township", TOWN),
    }
    counts = {each["kind"]: each["gaps"] for each in tasks[0]["evidence"]["counts"]}
    assert counts == {"only_licensed": 1, "absent_unit": 1}


@pytest.mark.requirement(155)
async def test_a_duty_that_changes_hands_shows_on_the_notices_from_its_day_on(district: District) -> None:
    system, admin = district.system, district.admin
    await ok(admin.patch("/v1/duties/CDC", json={"department_code": "CDC-01"}))
    async with system.context("registry").db.transaction() as session:
        now = await system.context("registry").clock.now(session)
    tomorrow = (now + timedelta(days=1)).date().isoformat()
    await ok(
        admin.post(
            "/v1/duties/MEDICAL/subjects", json={"subject": "alert.positive", "effective_from": tomorrow}
        )
    )
    await district.register(*(person(number, category_code="8A1") for number in (1, 2)))
    await system.settle()

    async def owner_of(code: str) -> dict[str, object]:
        [notice] = await district.notices(kind="alert.positive", subject_code=code, recipient_type="cdc")
        return dict(notice["evidence"]["owner"])

    await district.post(row(now - timedelta(minutes=1), outcome="positive", health_code_id="HC-000001"))
    await system.settle()
    first = await owner_of("HC-000001")
    assert (first["entry_code"], first["department"]) == ("CDC", {"code": "CDC-01", "name": "部门CDC-01"})
    await system.set_clock(now + timedelta(days=1))
    await district.post(row(now + timedelta(hours=1), outcome="positive", health_code_id="HC-000002"))
    await system.settle()
    assert (await owner_of("HC-000002"))["entry_code"] == "MEDICAL"
    assert (await owner_of("HC-000001"))["entry_code"] == "CDC"
