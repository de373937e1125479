"""Sheets of people, units and departments, from the file to what stands in the registry."""

from typing import Any

import pytest

from tests.registry.sheets.office import imported, send, work
from tests.sheets.making import in_csv, xlsx
from tests.support.district import CREDIT_CODE, District, id_no

HEADER = ("姓名", "证件号码", "手机号", "健康码标识", "单位代码", "人群编码", "纳入日期")


def row(number: int, **fields: str) -> tuple[str, ...]:
    """Return a row about the n-th person."""
    values = {
        "姓名": "张伟",
        "证件号码": id_no(number),
        "手机号": "13800138000",
        "健康码标识": f"HC-{number:06d}",
        "单位代码": "U-1",
        "人群编码": "8A1",
        "纳入日期": "2030-11-01",
        **fields,
    }
    return tuple(values.values())


@pytest.mark.parametrize(
    ("form", "encoding"),
    [("csv", "utf-8"), ("csv", "utf-8-sig"), ("csv", "gb18030"), ("csv", "gbk"), ("xlsx", "")],
)
async def test_people_come_in_by_sheet_in_every_form(district: District, form: str, encoding: str) -> None:
    await district.unit()
    rows = (HEADER, *(row(number) for number in range(1, 4)))
    raw = xlsx(*rows) if form == "xlsx" else in_csv(*rows, encoding=encoding)
    done = await imported(district, raw, form=form)
    assert (done["status"], done["rows"], done["processed"]) == ("done", 3, 3)
    assert (done["accepted"], done["updated"], done["rejected"], done["errors"]) == (3, 0, 0, [])
    found = await district.found(1)
    assert found["name_masked"] == "张*"
    assert found["enrolments"][0]["enrolled_on"] == "2030-11-01"
    again = await imported(district, raw, form=form)
    assert (again["accepted"], again["updated"]) == (0, 3)
    count = await district.system.owner.fetchval("SELECT count(*) FROM registry.person")
    assert count == 3


async def test_an_import_is_shown_before_it_is_taken_in_and_then_counted(district: District) -> None:
    await district.unit()
    answer = await send(district, in_csv(HEADER, row(1)))
    assert answer.json()["status"] == "received"
    path = answer.headers["Location"]
    assert (await district.get(path))["processed"] == 0
    await work(district)
    assert (await district.get(path))["processed"] == 1
    assert [each["import_id"] for each in (await district.get("/v1/imports"))["imports"]] == [path[-36:]]


async def test_every_error_of_every_row_is_told_at_once_by_the_sheets_row(district: District) -> None:
    await district.unit()
    rows = [
        row(1),
        row(2, 证件号码="11010519491231002Y", 手机号="12", 纳入日期="1/5/2030"),
        row(3, 单位代码="NOWHERE"),
        row(4, 证件号码="4.20107E+17"),
        (),
        row(5, 人群编码="9Z9", 姓名=""),
        row(6),
    ]
    done = await imported(district, in_csv(HEADER, *rows))
    assert (done["accepted"], done["rejected"]) == (2, 4)
    assert done["errors"] == [
        (3, "phone", "phone_invalid"),
        (3, "enrolled_on", "day_malformed"),
        (4, "unit_code", "unknown_unit_code"),
        (5, "id_no", "number_damaged"),
        (7, "name", "field_required"),
    ]
    assert done["errors_total"] == 5


async def test_no_value_of_a_sheet_comes_back_in_an_error(district: District) -> None:
    header = ("姓名", "证件号码", "王五13911112222")
    refused = await send(district, in_csv(header, ("张伟", "x", "y")))
    assert refused.status_code == 422
    assert "1391111" not in refused.text
    done = await imported(
        district, in_csv(HEADER, row(2, 证件号码="11010519491231002Y", 手机号="not-a-phone"))
    )
    listed = (await district.http.get(f"/v1/imports/{done['import_id']}/errors")).text
    assert "11010519491231002Y" not in listed
    assert "not-a-phone" not in listed


BAD_CELLS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "an exponent": ({"证件号码": "4.20107E+17"}, [("id_no", "number_damaged")]),
    "zeros after the fifteenth digit": ({"证件号码": "420107199001011000"}, [("id_no", "number_damaged")]),
    "a number cell": ({"证件号码": 420107199001011234}, [("id_no", "number_damaged")]),
    "lost leading zeros": ({"单位代码": 7}, [("unit_code", "number_for_text")]),
    "a day as number": ({"纳入日期": 45678}, [("enrolled_on", "day_as_number")]),
    "a failed formula": ({"姓名": "\x00"}, [("name", "character_forbidden")]),
}


@pytest.mark.parametrize("what", BAD_CELLS)
async def test_what_excel_has_damaged_is_refused_with_the_way_to_repair_it(
    district: District, what: str
) -> None:
    await district.unit()
    fields, wanted = BAD_CELLS[what]
    typed = all(isinstance(value, str) for value in fields.values())
    rows = (HEADER, row(1, **fields))
    raw = in_csv(*rows) if typed else xlsx(*rows)
    done = await imported(district, raw, form="csv" if typed else "xlsx")
    assert [(field, code) for _, field, code in done["errors"]] == wanted
    error = (await district.get(f"/v1/imports/{done['import_id']}/errors"))["errors"][0]
    if "number" in error["code"]:
        assert "文本" in error["message"] or "日期格式" in error["message"]


def merged(sheet: Any) -> None:
    sheet.merge_range(0, 0, 0, 1, "姓名")


BAD_SHEETS = {
    "empty": (b"", "csv", 422, "sheet_empty"),
    "only a header": (in_csv(HEADER), "csv", 422, "sheet_empty"),
    "encrypted": (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "xlsx", 422, "sheet_encrypted"),
    "a million rows": (b"name,id_no\r\n" + b"a,b\r\n" * 1_000_000, "csv", 413, "too_many_rows"),
    "wrong encoding": (in_csv(("name", "id_no"), ("é", "1"), encoding="latin-1"), "csv", 422, "encoding_undeclared"),
    "merged header cells": (xlsx(HEADER, row(1), touch=merged), "xlsx", 422, "header_merged"),
    "duplicate headers": (in_csv((*HEADER, "Name"), (*row(1), "x")), "csv", 422, "header_duplicate"),
    "an unknown column": (in_csv((*HEADER, "血型"), (*row(1), "x")), "csv", 422, "header_unknown"),
    "no column of numbers": (in_csv(("姓名",), ("张伟",)), "csv", 422, "column_missing"),
    "not a sheet": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "xlsx", 422, "encoding_undeclared"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD_SHEETS)
async def test_a_bad_sheet_is_refused_whole(district: District, what: str) -> None:
    raw, form, status, code = BAD_SHEETS[what]
    answer = await send(district, raw, form=form)
    assert answer.status_code == status
    problem = answer.json()
    assert code in {problem["code"], *(error["code"] for error in problem["errors"])}
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.sheet_import") == 0


async def test_two_people_with_one_number_are_both_refused_wherever_they_stand(district: District) -> None:
    await district.unit()
    many = [row(number) for number in range(10, 1_010)]
    rows = [row(1), *many, row(1, 姓名="李四", 健康码标识=""), row(2, 健康码标识="HC-000010"), row(3)]
    done = await imported(district, in_csv(HEADER, *rows))
    assert done["errors"] == [
        (2, "id_no", "two_people_one_number"),
        (3, "health_code_id", "two_people_one_code"),
        (1003, "id_no", "two_people_one_number"),
        (1004, "health_code_id", "two_people_one_code"),
    ]
    assert done["accepted"] == 1_000


async def test_a_dry_run_tells_the_same_and_keeps_nothing(district: District) -> None:
    await district.unit()
    raw = in_csv(HEADER, row(1), row(2, 单位代码="NOWHERE"))
    tried = await imported(district, raw, dry_run="true")
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.person") == 0
    done = await imported(district, raw)
    told = ("accepted", "updated", "rejected", "errors", "processed")
    assert {name: tried[name] for name in told} == {name: done[name] for name in told}
    assert done["accepted"] == 1


async def test_departments_come_in_with_parents_below_their_children(district: District) -> None:
    header = ("部门代码*", "部门名称", "级别", "上级代码", "联系人", "联系电话")
    rows = [("B", "街道", "镇街", "A", "李明", "13800138000"), ("A", "区", "区县", "", "王芳", "13900139000")]
    done = await imported(district, xlsx(header, *rows), "departments", form="xlsx")
    assert (done["accepted"], done["errors"]) == (2, [])
    changed = [("B", "新街道", "镇街", "A", "李明", 13800138000)]
    again = await imported(district, xlsx(header, *changed), "departments", form="xlsx", existing="update")
    assert (again["updated"], again["errors"]) == (1, [])
    shown = await district.get("/v1/departments/B")
    assert (shown["name"], shown["parent_code"]) == ("新街道", "A")


async def test_units_come_in_and_are_brought_up_to_date(district: District) -> None:
    await district.township()
    header = ("unit_code", "name", "industry_code", "township_code", "contact.name", "contact.phone")
    good = (CREDIT_CODE, "海棠餐厅", "6210", "TOWN-01", "李明", "13800138000")
    bad = ("91350100M000100Y44", "紫荆餐厅", "6210", "TOWN-99", "李明", "1")
    done = await imported(district, in_csv(header, good, bad), "units")
    assert (done["accepted"], done["rejected"]) == (1, 1)
    assert done["errors"] == [(3, "contact.phone", "phone_invalid")]
    again = await imported(
        district, in_csv(header, (CREDIT_CODE, "海棠大酒店", *good[2:])), "units", existing="update"
    )
    assert again["updated"] == 1
    assert (await district.get(f"/v1/units/{CREDIT_CODE}"))["name"] == "海棠大酒店"


async def test_a_saved_mapping_reads_headers_of_ones_own(district: District) -> None:
    await district.unit()
    own = {"columns": {"员工": "name", "身份": "id_no", "工号": ""}, "constants": {"unit_code": "U-1"}}
    path = "/v1/sheets/people/mappings/restaurant"
    assert (await district.http.put(path, json=own)).status_code == 200
    raw = in_csv(("员工", "工号", "身份"), ("张伟", "7", id_no(1)))
    assert (await send(district, raw)).status_code == 422
    done = await imported(district, raw, mapping="restaurant")
    assert (done["accepted"], done["errors"]) == (1, [])
    assert (await district.get("/v1/sheets/people/mappings"))["mappings"][0]["columns"] == own["columns"]
    assert (await district.http.delete(path)).status_code == 204
    assert (await send(district, raw, mapping="restaurant")).json()["code"] == "mapping_unknown"


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"columns": {"员工": "nobody"}}, "column_unknown"),
        ({"constants": {"name": "张伟"}}, "personal_constant"),
        ({"constants": {"nobody": "x"}}, "column_unknown"),
    ],
)
async def test_a_mapping_to_what_no_column_is_is_refused(
    district: District, wanted: dict[str, Any], code: str
) -> None:
    answer = await district.http.put("/v1/sheets/people/mappings/mine", json=wanted)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [code]
