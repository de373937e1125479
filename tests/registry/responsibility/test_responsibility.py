"""Who answers for a unit, and every unit of which something is missing, over HTTP."""

import json
from datetime import datetime
from typing import Any

import pytest

from registry.responsibility import service
from tests.support.district import CONTACT, District, coded

CLERK = {"name": "王芳", "phone": "13900139000", "title": "前台"}


async def complete_unit(district: District, code: str = "U-1", **fields: Any) -> None:
    """Enter a unit that misses nothing."""
    await district.department("MARKET")
    await district.unit("HOSPITAL", department_code="MARKET", industry_code="8411")
    await district.unit(code, department_code="MARKET", data_entry=CLERK, **fields)
    tester = {"institution_code": "HOSPITAL", "lab_code": "LAB01", "effective_from": "2030-01-01"}
    await district.post(f"/v1/units/{code}/testers", tester, status=201)
    await district.people(coded(1, unit_code=code, category_code="LOCAL-CATERING"))


async def missing(district: District, code: str) -> list[str]:
    sides = await district.get(f"/v1/units/{code}/responsibility")
    found: list[str] = sides["missing"]
    return sorted(found)


async def lapsed(district: District) -> list[dict[str, Any]]:
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await service.lapse(session, context)
    rows = await district.system.owner.fetch(
        "SELECT convert_from(body, 'UTF8') FROM bus.message WHERE name = 'contact.lapsed' ORDER BY created_at"
    )
    return [json.loads(row[0]) for row in rows]


@pytest.mark.requirement(42, 46, 49, 50)
async def test_a_unit_shows_its_four_sides_and_who_tests_it(district: District) -> None:
    await complete_unit(district, contact={**CONTACT, "title": "店长"})
    sides = await district.get("/v1/units/U-1/responsibility")
    assert sides["township"] == {"code": "TOWN-01", "name": "TOWN-01"}
    assert (sides["department"]["code"], sides["department"]["basis"]) == ("MARKET", "given")
    assert sides["unit"] == {
        "contact": {"name_masked": "李*", "phone_masked": "138****8000", "title": "店长"},
        "confirmed_on": "2030-11-20",
        "expires_on": "2031-02-18",
        "problem": None,
        "data_entry": {"name_masked": "王*", "phone_masked": "139****9000", "title": "前台"},
    }
    assert sides["person"] == {"enrolled": 1}
    assert (sides["tester"]["institution_code"], sides["tester"]["lab_code"]) == ("HOSPITAL", "LAB01")
    assert sides["missing"] == []


@pytest.mark.requirement(42)
async def test_every_active_unit_that_lacks_anything_is_listed_and_counted_with_its_base(
    district: District,
) -> None:
    await complete_unit(district)
    await district.unit("U-2", township_code="TOWN-02")
    await district.unit("U-3", township_code="TOWN-02", department_code="MARKET", data_entry=CLERK)
    await district.unit("U-4", township_code="TOWN-02")
    await district.patch("/v1/units/U-4", {"closed_on": "2030-11-20"})
    listed = (await district.get("/v1/responsibility/defects"))["units"]
    assert {unit["unit_code"]: sorted(unit["missing"]) for unit in listed} == {
        "HOSPITAL": ["data_entry_missing", "nobody_enrolled", "tester_missing"],
        "U-2": ["data_entry_missing", "department_unmapped", "nobody_enrolled", "tester_missing"],
        "U-3": ["nobody_enrolled", "tester_missing"],
    }
    report = await district.get("/v1/responsibility/report")
    assert (report["units"], report["complete"], report["incomplete"]) == (4, 1, 3)
    assert {each["kind"]: each["units"] for each in report["kinds"]} == {
        "data_entry_missing": 2,
        "department_unmapped": 1,
        "nobody_enrolled": 3,
        "tester_missing": 3,
    }
    assert {
        "kind": "nobody_enrolled",
        "department_code": "MARKET",
        "township_code": "TOWN-01",
        "units": 1,
        "of": 2,
    } in report["rows"]
    for row in report["rows"]:
        if row["department_code"] is not None:
            behind = await district.get(
                "/v1/responsibility/defects",
                kind=row["kind"],
                department_code=row["department_code"],
                township_code=row["township_code"],
            )
            assert len(behind["units"]) == row["units"]


@pytest.mark.requirement(47)
async def test_a_contact_that_nobody_confirmed_is_a_defect_and_told_of_once(district: District) -> None:
    await complete_unit(district)
    assert await lapsed(district) == []
    await district.system.set_clock(datetime.fromisoformat("2031-02-18T09:00:00+08:00"))
    assert await missing(district, "U-1") == []
    await district.system.set_clock(datetime.fromisoformat("2031-02-19T09:00:00+08:00"))
    assert await missing(district, "U-1") == ["contact_expired"]
    assert len(await lapsed(district)) == len(await lapsed(district)) == 2
    told = {each["unit_code"]: each for each in await lapsed(district)}["U-1"]
    assert (told["reason"], told["confirmed_on"]) == ("expired", "2030-11-20")
    confirmed = await district.post("/v1/units/U-1/contact-checks", {"outcome": "confirmed"})
    assert (confirmed["unit"]["confirmed_on"], confirmed["missing"]) == ("2031-02-19", [])


@pytest.mark.requirement(47)
async def test_a_person_who_has_moved_is_reported_and_a_new_one_puts_it_right(district: District) -> None:
    await complete_unit(district)
    gone = await district.post("/v1/units/U-1/contact-checks", {"outcome": "moved"})
    assert (gone["unit"]["problem"], gone["missing"]) == ("moved", ["contact_reported"])
    assert [each["reason"] for each in await lapsed(district)] == ["moved"]
    await district.patch("/v1/units/U-1", {"contact": {"name": "赵敏", "phone": "13700137000"}})
    assert await missing(district, "U-1") == []
    kept = await district.system.owner.fetch("SELECT post FROM registry.unit_contact_history")
    assert [row["post"] for row in kept] == ["responsible"]


@pytest.mark.requirement(50)
async def test_one_institution_tests_a_unit_on_any_day(district: District) -> None:
    await complete_unit(district)
    await district.unit("CLINIC", department_code="MARKET", industry_code="8421")
    path = "/v1/units/U-1/testers"
    wanted = {"institution_code": "CLINIC", "effective_from": "2030-12-01"}
    assert (await district.post(path, wanted, status=409))["code"] == "tester_overlaps"
    [first] = (await district.get("/v1/units/U-1/responsibility"))["testers"]
    early = await district.patch(f"{path}/{first['tester_id']}", {"effective_to": "2029-12-31"}, status=422)
    assert early["code"] == "days_reversed"
    await district.patch(f"{path}/{first['tester_id']}", {"effective_to": "2030-11-30"})
    await district.post(path, wanted, status=201)
    again = await district.patch(f"{path}/{first['tester_id']}", {"effective_to": None}, status=409)
    assert again["code"] == "tester_overlaps"
    nobody = await district.post(path, {**wanted, "institution_code": "NOBODY"}, status=422)
    assert nobody["code"] == "unknown_institution"
    sides = await district.get("/v1/units/U-1/responsibility")
    assert sides["tester"]["institution_code"] == "HOSPITAL"
    await district.system.set_clock(datetime.fromisoformat("2030-12-01T09:00:00+08:00"))
    sides = await district.get("/v1/units/U-1/responsibility")
    assert sides["tester"]["institution_code"] == "CLINIC"


async def test_another_town_sees_no_defect_no_figure_and_no_side(district: District) -> None:
    await complete_unit(district)
    await district.unit("U-2", township_code="TOWN-02")
    town = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    listed = (await town.get("/v1/responsibility/defects")).json()["units"]
    assert [unit["unit_code"] for unit in listed] == ["U-2"]
    assert (await town.get("/v1/responsibility/report")).json()["units"] == 1
    assert (await town.get("/v1/units/U-1/responsibility")).status_code == 404
    check = await town.post("/v1/units/U-1/contact-checks", json={"outcome": "moved"})
    assert check.status_code == 404
    tester = {"institution_code": "HOSPITAL", "effective_from": "2030-01-01"}
    assert (await town.post("/v1/units/U-1/testers", json=tester)).status_code == 404
    assert (await town.post("/v1/units/U-2/testers", json=tester)).status_code == 201
