"""Lists taken out as sheets: every one, masked, inside the area, and no text a formula."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from registry.exports.catalogue import WITHOUT, arrays, catalogue
from registry.exports.headings import named
from registry.exports.service import LISTINGS
from tests.registry.sheets.office import imported
from tests.support.district import District, coded, id_no

REASON = {"reason": "年度台账核对"}
OF_THE_TOWN = ("departments", "units", "people", "overdue", "overdue-units", "ledger", "entry-lags")


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


async def refused(district: District, wanted: dict[str, Any], *, http: Any = None) -> tuple[int, set[str]]:
    """Return the status and the codes of a refused export."""
    answer = await (http or district.http).post("/v1/exports", json=wanted)
    problem = answer.json()
    return answer.status_code, {problem["code"], *(error["code"] for error in problem["errors"])}


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


async def test_every_list_of_the_service_can_be_taken_out_or_says_why_not(district: District) -> None:
    document = await district.get("/openapi.json")
    lists = catalogue(document)
    found = set(arrays(document))
    without = {(path, field) for path, field in WITHOUT}
    assert found - without == {(one.path, one.field) for one in lists.values()}
    assert without <= found, "a reason for what is no longer there"
    assert all(WITHOUT.values())
    shown = (await district.get("/v1/exports"))["lists"]
    assert [each["list"] for each in shown] == sorted([*lists, *LISTINGS])


async def test_every_column_of_every_list_has_a_name_in_chinese(district: District) -> None:
    lists = catalogue(await district.get("/openapi.json"))
    fields = {column.field for one in lists.values() for column in one.columns}
    unnamed = sorted(field for field in fields if not named(field))
    # A new field goes out under its own words until it is named in registry/exports/headings.py.
    assert len(unnamed) <= len(fields) / 20, unnamed
    for one in lists.values():
        names = [column.zh for column in one.columns]
        assert len(set(names)) == len(names), (one.name, names)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_lists_come_out_masked_under_chinese_or_english_names(district: District, form: str) -> None:
    await build(district)
    counts = {"departments": 2, "units": 2, "overdue-units": 2, "entry-lags": 2, "industry-map": None}
    for name in (*OF_THE_TOWN, "industry-map", "categories", "clients"):
        rows = await taken(district, name, form=form)
        count = counts.get(name, 4 if name in OF_THE_TOWN else None)
        assert len(rows) > 1 or count is None
        assert count in (None, len(rows) - 1), name
        text = str(rows)
        assert "张伟" not in text
        assert id_no(1) not in text
        assert "13800138000" not in text
    assert (await taken(district, "overdue"))[0][:3] == ["人员编号", "健康码标识", "姓名"]
    english = await district.http.post(
        "/v1/exports", json={"list": "overdue", "format": "csv"}, headers={"Accept-Language": "en"}
    )
    assert english.content.decode("utf-8-sig").startswith("Person id,Health code id,Name,")


async def test_a_list_inside_something_is_taken_out_by_its_conditions(district: District) -> None:
    await build(district)
    rows = await taken(district, "units-people", where={"unit_code": "U-1"})
    assert len(rows) == 3
    towns = await taken(district, "units", where={"township_code": "TOWN-02"})
    assert [row[towns[0].index("单位代码")] for row in towns[1:]] == ["U-2"]
    people = {"list": "units-people", "where": {"unit_code": "NOWHERE"}}
    assert await refused(district, people) == (404, {"not_found"})
    assert await refused(district, {"list": "units-people"}) == (422, {"invalid_body", "condition_missing"})
    assert await refused(district, {"list": "units-people", "where": {"unit_code": "U-1/people"}}) == (
        404,
        {"not_found"},
    )
    unknown = {"list": "units-people", "where": {"unit_code": "U-1", "name": "张伟"}}
    assert await refused(district, unknown) == (422, {"invalid_body", "filter_unknown"})
    assert await refused(district, {"list": "nothing"}) == (422, {"list_unknown"})
    status, _ = await refused(
        district, {"list": "units-people", "where": {"unit_code": "U-1", "former": "perhaps"}}
    )
    assert status == 422


async def test_a_name_that_looks_like_a_formula_goes_out_as_text(district: District) -> None:
    await build(district)
    for form in ("csv", "xlsx"):
        rows = await taken(district, "units", form=form)
        assert rows[1][rows[0].index("名称")] == "'=1+1"


async def test_a_township_takes_out_its_own_only(district: District) -> None:
    await build(district)
    mine = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    for name in OF_THE_TOWN:
        text = str(await taken(district, name, http=mine))
        assert "TOWN-01" not in text
        assert "U-1" not in text
        assert "HC-000002" not in text
        assert "TOWN-02" in text or "U-2" in text
        if name not in ("departments", "units"):
            foreign = str(await taken(district, name, http=mine, township_code="TOWN-01", unit_code="U-1"))
            assert "HC-000002" not in foreign


async def test_a_list_needs_the_scope_that_it_needs_otherwise(district: District) -> None:
    await build(district)
    responder = await district.system.client("registry", scopes=["cases:respond"])
    assert len(await taken(district, "overdue-units", http=responder)) == 3
    for name, where in (
        ("people", {}),
        ("ledger", {}),
        ("units-people", {"unit_code": "U-1"}),
        ("clients", {}),
    ):
        wanted = {"list": name, "where": where}
        assert await refused(district, wanted, http=responder) == (403, {"forbidden"})
    lab = await district.system.client("registry", scopes=["status:read"])
    assert (await refused(district, {"list": "categories"}, http=lab))[0] == 403


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
    assert await disclosed(district, "doctor") == 2
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.disclosure") == 2
    assert await refused(district, {"list": "units", "disclosure": REASON}, http=doctor) == (
        422,
        {"nothing_to_disclose"},
    )


async def disclosed(district: District, client_id: str) -> int:
    """Return of how many people the audit log says that a client saw them in clear."""
    count = await district.system.owner.fetchval(
        "SELECT count(DISTINCT person_id) FROM registry.audit "
        "WHERE action = 'person.disclosure' AND client_id = $1",
        client_id,
    )
    return int(count)


async def test_every_list_of_people_gives_them_in_clear_to_whom_may_and_says_why(district: District) -> None:
    await build(district)
    asked = {**REASON, "fields": ["name", "phone"]}
    for number, (name, where) in enumerate(
        (("overdue", {}), ("ledger", {}), ("units-people", {"unit_code": "U-1"}))
    ):
        wanted = {"list": name, "where": where, "disclosure": asked}
        assert (await refused(district, wanted))[0] == 403
        nurse = await district.system.client(
            "registry", scopes=["records:read"], kind="person", client_id=f"nurse-{number}",
            area_code="TOWN-01", area_level="township",
        )  # fmt: skip
        rows = await taken(district, name, http=nurse, where=where, disclosure=asked)
        assert rows[0][-2:] == ["姓名(明文)", "手机号(明文)"]
        assert [row[-2:] for row in rows[1:]] == [["张伟", "13800138000"]] * 2
        assert id_no(2) not in str(rows)
        assert await disclosed(district, f"nurse-{number}") == 2
    responder = await district.system.client("registry", scopes=["cases:respond"], kind="person")
    assert (await refused(district, {"list": "overdue", "disclosure": asked}, http=responder))[0] == 403


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
    for name in ("people", "overdue"):
        assert await refused(district, {"list": name}) == (422, {"export_too_large"})
        assert len(await taken(district, name, unit_code="U-1")) == 3


async def test_a_long_list_comes_out_whole(district: District) -> None:
    await district.unit("U-1")
    await district.people(*(coded(n, unit_code="U-1", category_code="8A1") for n in range(1, 2_203)))
    for name, column in (("people", "健康码标识"), ("overdue", "健康码标识")):
        rows = await taken(district, name)
        place = rows[0].index(column)
        assert len({row[place] for row in rows[1:]}) == len(rows) - 1 == 2_202
