"""A department of a hospital derives the population code of whoever is enrolled there, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from registry.hospital_departments import service
from tests.registry.conftest import NOON
from tests.registry.sheets.office import imported
from tests.sheets.making import in_csv
from tests.support.district import District, coded, id_no

HOSPITAL = {"industry_code": "8411"}
SURGERY = {"unit_code": "H-1", "department_in_unit": "手术室"}


async def follow(district: District) -> None:
    """Let the worker's round of the list run once."""
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        assert await service.follow(session, context) is False


async def entry(district: District, name: str, code: str, **fields: Any) -> dict[str, Any]:
    body = {"name": name, "category_code": code, "basis": "通知", "effective_from": "2030-11-01"}
    made: dict[str, Any] = await district.post("/v1/hospital-departments", body | fields)
    return made


async def stays(district: District, number: int = 1) -> list[tuple[Any, ...]]:
    shown = (await district.found(number))["enrolments"]
    return [
        (s["category_code"], s["department_in_unit"], s["category_basis"], s["enrolled_on"], s["left_on"])
        for s in shown
    ]


async def defects(district: District, **query: str) -> tuple[dict[str, int], list[tuple[Any, ...]]]:
    page = await district.get("/v1/hospital-department-defects", query)
    return page["counts"], [
        (d["kind"], d["department_in_unit"], d["category_code"], d["expected_code"]) for d in page["defects"]
    ]


@pytest.mark.requirement(10)
async def test_the_shipped_list_names_ten_key_departments_two_of_8a1_and_eight_of_8a4(
    district: District,
) -> None:
    listed = (await district.get("/v1/hospital-departments", limit="1000"))["hospital_departments"]
    shipped = {row["department"]: row["category_code"] for row in listed}
    assert sorted(shipped.values()) == ["8A1"] * 2 + ["8A4"] * 8
    assert {name for name, code in shipped.items() if code == "8A1"} == {"发热门诊", "急诊"}
    assert all(row["in_force"] for row in listed)


@pytest.mark.requirement(10)
async def test_assigning_a_department_derives_the_code_and_its_duty_and_says_on_what_basis(
    district: District,
) -> None:
    await district.unit("H-1", **HOSPITAL)
    for number, name in enumerate(["发热门诊", "急诊科", "手术室", " i c u ", "血液透析室"], 1):
        row = {"unit_code": "H-1", "department_in_unit": name, "enrolled_on": "2030-11-01"}
        await district.people(coded(number, **row))
    codes = [(await stays(district, number))[0][0] for number in range(1, 6)]
    assert codes == ["8A1", "8A1", "8A4", "8A4", "8A4"]
    shown = (await district.found(3))["enrolments"][0]
    listed = (await district.get("/v1/hospital-departments", limit="1000"))["hospital_departments"]
    assert shown["category_basis"] == "department"
    assert [r["name"] for r in listed if r["entry_id"] == shown["derived_from"]] == ["手术室"]
    assert (await district.status(3))["due_state"] == "never_tested"
    await district.negative(3, NOON - timedelta(days=8))
    assert (await district.status(3))["due_state"] == "overdue"


@pytest.mark.requirement(10)
async def test_a_code_that_is_given_wins_and_what_differs_is_listed(district: District) -> None:
    await district.unit("H-1", **HOSPITAL)
    await district.people(coded(1, **SURGERY, category_code="8A3"))
    assert [(s[0], s[2]) for s in await stays(district)] == [("8A3", "given")]
    assert await defects(district) == ({"code_differs": 1}, [("code_differs", "手术室", "8A3", "8A4")])
    # A row without a code adds what the contract says, a stay without a duty, and derives nothing.
    await district.people(coded(1, **SURGERY))
    assert sorted((s[0] or "", s[2]) for s in await stays(district)) == [("", None), ("8A3", "given")]
    assert (await defects(district))[0] == {"code_differs": 1}
    # Given afterwards it takes the place of what the department had said.
    await district.people(coded(2, **SURGERY))
    await district.people(coded(2, **SURGERY, category_code="8A1"))
    assert sorted((s[0], s[2], s[4]) for s in await stays(district, 2)) == [
        ("8A1", "given", None),
        ("8A4", "department", "2030-11-20"),
    ]


@pytest.mark.requirement(10)
async def test_a_department_that_the_list_does_not_know_is_a_listed_defect_and_never_guessed(
    district: District,
) -> None:
    await district.unit("H-1", **HOSPITAL)
    await district.unit("H-2", **HOSPITAL, township_code="TOWN-02")
    await district.people(
        coded(1, unit_code="H-1", department_in_unit="骨科"),
        coded(2, unit_code="H-1"),
        coded(3, unit_code="H-2", department_in_unit="皮肤科"),
        coded(4, unit_code="H-1", category_code="7B", department_in_unit="呼吸科"),
    )
    assert await stays(district) == [(None, "骨科", None, "2030-11-20", None)]
    assert (await district.status(1))["due_state"] == "not_required"
    counts, found = await defects(district)
    assert counts == {"department_unknown": 2, "department_missing": 1}
    assert sorted(found, key=str) == [
        ("department_missing", None, None, None),
        ("department_unknown", "皮肤科", None, None),
        ("department_unknown", "骨科", None, None),
    ]
    assert (await defects(district, unit_code="H-2"))[1] == [("department_unknown", "皮肤科", None, None)]
    assert len((await defects(district, kind="department_missing"))[1]) == 1


async def test_outside_hospitals_a_department_says_nothing(district: District) -> None:
    await district.unit("U-1", industry_code="6210")
    await district.unit("U-2", industry_code="8411", attributes={"institution_type": "blood_station"})
    await district.unit("U-3", industry_code="9221", attributes={"institution_type": "township_hospital"})
    for number in (1, 2, 3):
        await district.people(coded(number, unit_code=f"U-{number}", department_in_unit="手术室"))
    assert [(await stays(district, n))[0][0] for n in (1, 2, 3)] == [None, None, "8A4"]
    assert (await defects(district))[0] == {}


@pytest.mark.requirement(10)
async def test_whoever_moves_to_another_department_gets_its_code_from_that_day_and_keeps_the_history(
    district: District,
) -> None:
    await district.unit("H-1", **HOSPITAL)
    await entry(district, "骨科", "8A3")
    await district.people(coded(1, **SURGERY, enrolled_on="2030-11-01"))
    moved = coded(1, unit_code="H-1", department_in_unit="骨科", enrolled_on="2030-11-01")
    for _ in range(2):  # again changes nothing
        await district.people(moved)
        assert await stays(district) == [
            ("8A4", "手术室", "department", "2030-11-01", "2030-11-20"),
            ("8A3", "骨科", "department", "2030-11-20", None),
        ]
    await district.system.set_clock(NOON + timedelta(days=3))
    await district.people(moved)
    assert (await stays(district))[1] == ("8A3", "骨科", "department", "2030-11-20", None)
    await district.people(coded(1, **SURGERY, enrolled_on="2030-11-22"))
    assert sorted(await stays(district)) == [
        ("8A3", "骨科", "department", "2030-11-20", "2030-11-22"),
        ("8A4", "手术室", "department", "2030-11-22", None),
    ]
    # A department that nobody knows takes the duty away from nobody.
    await district.people(coded(1, unit_code="H-1", department_in_unit="体检科"))
    assert ("8A4", "体检科", "department", "2030-11-22", None) in await stays(district)
    assert (await defects(district))[1] == [("department_unknown", "体检科", "8A4", None)]
    # Without a department the row means the stay whose code was derived, also where it ends.
    for _ in range(2):
        await district.people(coded(1, unit_code="H-1", left_on="2030-11-23"))
        assert sorted(s[4] for s in await stays(district)) == ["2030-11-22", "2030-11-23"]


@pytest.mark.requirement(10)
async def test_a_change_of_the_list_reaches_those_whose_code_it_gave_and_nobody_else(
    district: District,
) -> None:
    await district.unit("H-1", **HOSPITAL)
    given = coded(3, unit_code="H-1", category_code="8A3", department_in_unit="导管室")
    await district.people(
        coded(1, unit_code="H-1", department_in_unit="导管室"), coded(2, **SURGERY), given,
        coded(4, unit_code="H-1", department_in_unit="内镜室"),
    )  # fmt: skip
    await entry(district, "导管室", "8A4", effective_from="2030-11-21")
    await entry(district, "手术室", "8A1", effective_from="2030-11-21")
    listed = (await district.get("/v1/hospital-departments", limit="1000"))["hospital_departments"]
    endoscopy = next(row["entry_id"] for row in listed if row["name"] == "内镜室")
    await district.patch(f"/v1/hospital-departments/{endoscopy}", {"effective_to": "2030-11-20"})
    await follow(district)
    assert [s[0] for s in await stays(district)] == [None], "it begins tomorrow"
    await district.system.set_clock(NOON + timedelta(days=1))
    for _ in range(2):
        await follow(district)
    assert [(s[0], s[3], s[4]) for s in await stays(district)] == [
        (None, "2030-11-20", "2030-11-21"),
        ("8A4", "2030-11-21", None),
    ]
    assert [(s[0], s[3], s[4]) for s in await stays(district, 2)] == [
        ("8A4", "2030-11-20", "2030-11-21"),
        ("8A1", "2030-11-21", None),
    ]
    assert [(s[0], s[2]) for s in await stays(district, 3)] == [("8A3", "given")]
    assert [(s[0], s[4]) for s in await stays(district, 4)] == [("8A4", None)]
    counts, found = await defects(district)
    assert ("department_unknown", "内镜室", "8A4", None) in found
    assert counts == {"code_differs": 1, "department_unknown": 1}
    kept = await district.system.owner.fetch("SELECT changed_by FROM registry.enrolment_history")
    assert {row["changed_by"] for row in kept} == {"hospital-departments"}


@pytest.mark.requirement(10)
async def test_sheet_single_entry_and_transfer_derive_the_code_as_the_bulk_does(district: District) -> None:
    await district.unit("H-1", **HOSPITAL)
    header = ("姓名", "证件号码", "健康码标识", "单位代码", "科室")
    done = await imported(
        district,
        in_csv(header, ("张伟", id_no(1), "HC-000001", "H-1", "口腔科"), encoding="utf-8"),
        form="csv",
    )
    assert (done["accepted"], done["errors"]) == (1, [])
    assert [s[:3] for s in await stays(district)] == [("8A4", "口腔科", "department")]
    await district.post("/v1/people", coded(2, unit_code="H-1", department_in_unit="耳鼻喉科"))
    assert [s[:3] for s in await stays(district, 2)] == [("8A4", "耳鼻喉科", "department")]
    path = f"/v1/people/{(await district.found(2))['person_id']}/transfers"
    body = {"from": {"unit_code": "H-1"}, "on": "2030-11-20"}
    within = {**body, "to": {"unit_code": "H-1", "department_in_unit": "呼吸科"}}
    for _ in range(2):
        await district.post(path, within)
        assert [s[:3] for s in await stays(district, 2)] == [("8A4", "呼吸科", "department")]
    other = {**body, "to": {"unit_code": "H-1", "department_in_unit": "急诊"}}
    for _ in range(2):
        await district.post(path, other)
        assert sorted(s[0] for s in await stays(district, 2) if s[4] is None) == ["8A1"]
    unknown = {**body, "to": {"unit_code": "H-1", "department_in_unit": "营养科"}}
    await district.post(path, unknown)
    assert [s[:2] for s in await stays(district, 2) if s[4] is None] == [("8A1", "营养科")]


async def test_a_row_of_the_list_is_refused_where_it_contradicts(district: District) -> None:
    first = await entry(district, "骨科", "8A3")
    assert await entry(district, "骨科", "8A3") == first
    body = {"name": " 骨 科", "category_code": "8A4", "basis": "通知", "effective_from": "2030-11-01"}
    assert (await district.post("/v1/hospital-departments", body, status=409))["code"] == (
        "hospital_department_in_use"
    )
    body = body | {"category_code": "NO-SUCH", "effective_from": "2030-12-01"}
    refused = await district.post("/v1/hospital-departments", body, status=422)
    assert [(e["field"], e["code"]) for e in refused["errors"]] == [
        ("category_code", "unknown_category_code")
    ]
    path = f"/v1/hospital-departments/{first['entry_id']}"
    refused = await district.patch(path, {"effective_to": "2030-10-31"}, status=422)
    assert [(e["field"], e["code"]) for e in refused["errors"]] == [("effective_to", "days_reversed")]
    await district.patch("/v1/hospital-departments/999999", {"effective_to": "2030-12-01"}, status=404)
