"""Lists taken out as sheets: masked, inside the area, and no text a formula."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from registry.exports.service import LISTINGS
from tests.registry.sheets.office import imported
from tests.support.district import District, coded, id_no

REASON = {"reason": "年度台账核对"}


async def taken(
    district: District, name: str, *, http: Any = None, form: str = "csv", **more: Any
) -> list[list[Any]]:
    """Return the rows of an export, its header first."""
    answer = await (http or district.http).post("/v1/exports", json={"list": name, "format": form, **more})
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    if form == "xlsx":
        return CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


async def build(district: District) -> None:
    """Enter two towns with a unit each, and people in them."""
    await district.unit("U-1", name="=1+1")
    await district.unit("U-2", township_code="TOWN-02")
    rows = [
        coded(
            n, unit_code=f"U-{1 + n % 2}", category_code="8A1", phone="13800138000", enrolled_on="2030-01-01"
        )
        for n in range(1, 5)
    ]
    await district.people(*rows)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", LISTINGS)
async def test_every_list_can_be_taken_out_masked(district: District, name: str, form: str) -> None:
    await build(district)
    rows = await taken(district, name, form=form)
    assert rows[0] == [column.zh for column in LISTINGS[name].columns]
    count = {"departments": 2, "units": 2, "industry-map": len(rows) - 1, "overdue-units": 2}.get(name, 4)
    assert len(rows) == count + 1
    text = str(rows)
    assert "张伟" not in text
    assert id_no(1) not in text
    assert "13800138000" not in text


async def test_a_name_that_looks_like_a_formula_goes_out_as_text(district: District) -> None:
    await build(district)
    for form in ("csv", "xlsx"):
        assert (await taken(district, "units", form=form))[1][2] == "'=1+1"


@pytest.mark.parametrize("name", [name for name in LISTINGS if name != "industry-map"])
async def test_a_township_takes_out_its_own_only(district: District, name: str) -> None:
    await build(district)
    mine = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    text = str(await taken(district, name, http=mine))
    assert "TOWN-01" not in text
    assert "U-1" not in text
    assert "HC-000002" not in text
    assert "TOWN-02" in text or "U-2" in text
    foreign = str(await taken(district, name, http=mine, township_code="TOWN-01", unit_code="U-1"))
    assert "HC-000002" not in foreign


async def test_people_in_clear_need_a_named_person_and_a_reason_and_are_each_recorded(
    district: District,
) -> None:
    await build(district)
    wanted = {"list": "people", "format": "csv", "disclosure": REASON}
    assert (await district.http.post("/v1/exports", json=wanted)).json()["code"] == "named_person_needed"
    doctor = await district.system.client(
        "registry", scopes=["records:read"], kind="person", client_id="doctor"
    )
    rows = await taken(district, "people", http=doctor, disclosure=REASON, unit_code="U-1")
    assert [row[0] for row in rows[1:]] == ["张伟", "张伟"]
    assert {row[2] for row in rows[1:]} == {id_no(2), id_no(4)}
    written = await district.system.owner.fetch(
        "SELECT person_id FROM registry.audit WHERE action = 'person.disclosure' AND client_id = 'doctor'"
    )
    assert len({each["person_id"] for each in written}) == 2
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.disclosure") == 2
    refused = await doctor.post("/v1/exports", json={"list": "units", "disclosure": REASON})
    assert refused.json()["code"] == "nothing_to_disclose"


async def test_what_was_taken_out_in_clear_goes_in_again_unchanged(district: District) -> None:
    await build(district)
    doctor = await district.system.client("registry", scopes=["records:read"], kind="person")
    for form in ("csv", "xlsx"):
        answer = await doctor.post(
            "/v1/exports", json={"list": "people", "format": form, "disclosure": REASON}
        )
        done = await imported(district, answer.content, form=form)
        assert (done["accepted"], done["updated"], done["errors"]) == (0, 4, [])
    assert await district.system.owner.fetchval("SELECT max(version) FROM registry.person") == 1


@pytest.mark.settings(sheet_most_rows=3)
async def test_too_many_rows_are_refused_with_what_to_do(district: District) -> None:
    await build(district)
    answer = await district.http.post("/v1/exports", json={"list": "people"})
    assert (answer.status_code, answer.json()["code"]) == (422, "export_too_large")
    assert len(await taken(district, "people", unit_code="U-1")) == 3


async def test_a_long_list_comes_out_whole(district: District) -> None:
    await district.unit("U-1")
    await district.people(*(coded(n, unit_code="U-1", category_code="8A1") for n in range(1, 2_203)))
    rows = await taken(district, "people")
    assert len({row[4] for row in rows[1:]}) == len(rows) - 1 == 2_202
