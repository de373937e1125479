"""Every kind of sheet: the verdicts of JSON, the templates, and every sheet that must not come in."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from registry.sheets.kinds import KINDS
from shared.sheets.columns import Column
from shared.sheets.rows import Format
from tests.registry.sheets.office import imported, send
from tests.registry.sheets.scenes import SCENES, Scene
from tests.registry.sheets.test_copies_and_templates import cells_of
from tests.sheets.making import in_csv, xlsx
from tests.support.district import CREDIT_CODE, District, id_no

Rows = list[dict[str, str]]
Sheet = tuple[bytes, str, dict[str, str]]


def in_sheet(rows: Rows, *, form: str = "csv") -> bytes:
    """Return rows as a sheet, its headers the fields."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    lines = [[row.get(name, "") for name in header] for row in rows]
    return xlsx(header, *lines) if form == "xlsx" else in_csv(header, *lines)


def test_every_kind_has_a_scene() -> None:
    assert SCENES.keys() == KINDS.keys()


# Of each kind: what is wrong with a row between two good ones.
FAULTS: dict[str, list[dict[str, str]]] = {
    "departments": [
        {"level": "township", "parent_code": "D-1"}, {"parent_code": "NOWHERE"}, {"contact.phone": "12"},
        {"code": "D 2"}, {"name": ""}, {"code": "TOWN-01", "name": "别的"},
    ],
    "units": [
        {"township_code": "NOWHERE"}, {"industry_code": "0000"}, {"department_code": "TOWN-01"},
        {"contact.phone": "x", "industry_code": "x"}, {"unit_code_type": "uscc"}, {"contact.name": ""},
        {"unit_code": "LIC-X", "department_code": "LIC-X"}, {"unit_code": "TOWN-01", "township_code": "TOWN-01"},
    ],
    "people": [
        {"unit_code": "NOWHERE"}, {"id_no": "11010519491231002Y"}, {"phone": "12", "enrolled_on": "2030-02-30"},
        {"name": ""}, {"enrolled_on": "2030-01-05", "left_on": "2029-01-05"}, {"health_code_id": "13800138000"},
    ],
    "rosters": [{"id_no": "11010519491231002Y"}, {"id_no": id_no(77)}, {"name": "x" * 200}, {"id_no": ""}],
    "licences": [
        {"credit_code": "91350100M000100Y4Z"}, {"trade_code": "NOTHING", "township_code": "TOWN-99"},
        {"licence_no": "【】"}, {"issued_on": "2030-02-02", "cancelled_on": "2030-02-01"},
        {"licence_no": "JY24201020000001"}, {"address": ""}, {"industry_code": "0000"},
    ],
    "surveys": [
        {"surveyed_on": "2030-10-31"}, {"surveyed_on": "2030-11-21"}, {"township_code": "TOWN-99"},
        {"credit_code": "92110105MA0000001A"}, {"licence_no": "【】"}, {"name": ""},
    ],
    "grids": [
        {"division_code": "420100099001001"}, {"division_code": "4201"}, {"team_code": "TEAM-9"},
        {"head_count": "-1"}, {"head_count": "many"}, {"township_code": "TOWN-01"}, {"counted_on": "2030-02-30"},
        {"division_code": "420100001001002", "head_count": "7"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_row_of_a_sheet_gets_the_verdict_that_json_gives(district: District, kind: str) -> None:
    scene = SCENES[kind]
    await scene.build(district)
    faulty = [{**scene.row(number), **fault} for number, fault in enumerate(FAULTS[kind], start=10)]
    rows = [scene.row(1), *faulty, scene.row(2)]
    tried = await imported(district, in_sheet(rows), kind, dry_run="true")
    sent = [{name: value for name, value in row.items() if value} for row in rows]
    told = await scene.json(district, sent)
    counts = ("accepted", "updated", "rejected")
    assert {name: tried[name] for name in counts} == {name: told[name] for name in counts}
    wanted = [(error["row"] + 1, error["field"], error["code"]) for error in told["errors"]]
    assert sorted(tried["errors"], key=str) == sorted(wanted, key=str)
    assert told["rejected"] >= len(faulty) - 1


@pytest.mark.parametrize("kind", SCENES)
async def test_good_rows_come_in_by_sheet_and_stand_as_json_would_have_put_them(
    district: District, kind: str
) -> None:
    scene = SCENES[kind]
    await scene.build(district)
    rows = [scene.row(number) for number in range(1, 4)]
    done = await imported(district, in_sheet(rows, form="xlsx"), kind, form="xlsx")
    assert (done["accepted"] + done["updated"], done["errors"]) == (3, [])
    again = await scene.json(district, [{**row} for row in rows])
    assert (again["accepted"], again["updated"], again["errors"]) == (0, 3, [])


def filled(kind: str, column: Column) -> str:
    """Return what a person would write into a column of a template."""
    blank = {"people": {"left_on", "category_code"}, "units": {"department_code"}}
    return "" if column.field in blank.get(kind, ()) else column.example


@pytest.mark.parametrize("kind", KINDS)
async def test_a_template_that_is_filled_in_goes_in_without_an_error(district: District, kind: str) -> None:
    await SCENES[kind].build(district)
    forms: tuple[Format, ...] = ("csv", "xlsx")
    for form, language in product(forms, ("zh", "en")):
        answer = await district.http.get(
            f"/v1/sheets/{kind}/template", params={"format": form}, headers={"Accept-Language": language}
        )
        raw = answer.content
        header = cells_of(raw)[0] if form == "xlsx" else raw.decode("utf-8-sig").strip().split(",")
        assert header[0].isascii() == (language == "en")
        example = [filled(kind, column) for column in KINDS[kind].columns]
        sheet = xlsx(header, example) if form == "xlsx" else in_csv(header, example)
        done = await imported(district, sheet, kind, form=form, existing=KINDS[kind].existing[-1])
        assert (done["accepted"] + done["updated"], done["errors"]) == (1, [])


def merged(sheet: Any) -> None:
    sheet.merge_range(0, 0, 0, 1, "名称")


def table(scene: Scene, *, more: tuple[str, ...] = (), cells: tuple[str, ...] = ()) -> bytes:
    row = scene.row(1)
    return in_csv((*row, *more), (*row.values(), *cells))


ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le")
WHOLE: dict[str, tuple[Callable[[Scene], bytes], str, str, int, str]] = {
    "empty": (lambda _: b"", "csv", "", 422, "sheet_empty"),
    "only a header": (lambda s: in_csv(tuple(s.row(1))), "csv", "", 422, "sheet_empty"),
    "encrypted": (lambda _: ENCRYPTED, "xlsx", "", 422, "sheet_encrypted"),
    "a million rows": (
        lambda s: in_csv(tuple(s.row(1))) + b"a,b\r\n" * 1_000_000, "csv", "", 413, "too_many_rows"
    ),
    "an encoding that was not declared": (
        lambda s: in_csv(tuple(s.row(1)), ["é"] * len(s.row(1)), encoding="latin-1"),
        "csv", "", 422, "encoding_undeclared",
    ),
    "another encoding than declared": (
        lambda s: in_csv(tuple(s.row(1)), ["é"] * len(s.row(1)), encoding="latin-1"),
        "csv", "utf-8", 422, "encoding_wrong",
    ),
    "merged header cells": (
        lambda s: xlsx(tuple(s.row(1)), tuple(s.row(1).values()), touch=merged),
        "xlsx", "", 422, "header_merged",
    ),
    "duplicate headers": (
        lambda s: table(s, more=("名称" if "address" in s.row(1) else next(iter(s.row(1))),), cells=("x",)),
        "csv", "", 422, "header_duplicate",
    ),
    "an unknown column": (lambda s: table(s, more=("血型",), cells=("A",)), "csv", "", 422, "header_unknown"),
    "a required column less": (
        lambda _: in_csv(("name",), ("海棠",)), "csv", "", 422, "column_missing"
    ),
    "no sheet at all": (
        lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "xlsx", "", 422, "encoding_undeclared"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", SCENES)
async def test_a_bad_sheet_is_refused_whole(district: District, kind: str) -> None:
    for what, (make, form, charset, status, code) in WHOLE.items():
        answer = await send(district, make(SCENES[kind]), kind, form=form, charset=charset)
        assert answer.status_code == status, (what, answer.text)
        problem = answer.json()
        assert code in {problem["code"], *(error["code"] for error in problem["errors"])}, what
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.sheet_import") == 0


@pytest.mark.parametrize("kind", SCENES)
async def test_what_excel_has_damaged_is_refused_and_the_other_rows_taken(
    district: District, kind: str
) -> None:
    scene = SCENES[kind]
    await scene.build(district)
    days = [column.field for column in KINDS[kind].columns if column.type == "day"]
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({**scene.row(2), scene.damaged: "4.20107E+17"}, scene.damaged, "number_damaged"),
        ({**scene.row(2), scene.text: 20300105}, scene.text, "number_for_text"),
        *(({**scene.row(2), day: 45678}, day, "day_as_number") for day in days),
    ]
    rows = [scene.row(1), *(row for row, _, _ in bad), scene.row(3)]
    raw = in_sheet(rows, form="xlsx")
    done = await imported(district, raw, kind, form="xlsx")
    assert done["errors"] == [(number, field, code) for number, (_, field, code) in enumerate(bad, start=3)]
    assert done["accepted"] + done["updated"] == 2


TWICE = {
    "departments": ("name", "code", "repeated_in_sheet"),
    "units": ("name", "unit_code", "repeated_in_sheet"),
    "people": ("name", "id_no", "two_people_one_number"),
    "rosters": ("name", "id_no", "two_people_one_number"),
    "licences": ("name", "licence_no", "listed_differently"),
    "surveys": ("found", "name", "listed_differently"),
}


@pytest.mark.parametrize("kind", TWICE)
async def test_two_that_share_a_number_are_both_refused(district: District, kind: str) -> None:
    scene = SCENES[kind]
    changed, field, code = TWICE[kind]
    await scene.build(district)
    other = {**scene.row(1), changed: "closed" if changed == "found" else "另一个"}
    done = await imported(district, in_sheet([scene.row(1), other, scene.row(2)]), kind)
    assert done["errors"] == [(2, field, code), (3, field, code)]
    assert done["accepted"] + done["updated"] == 1


async def test_a_day_a_round_and_a_unit_may_be_said_once_for_the_whole_sheet(district: District) -> None:
    for kind, name, value in (
        ("licences", "as_of", "2030-11-01"),
        ("surveys", "round_code", "2030-11"),
        ("rosters", "unit_code", CREDIT_CODE),
    ):
        scene = SCENES[kind]
        await scene.build(district)
        row = {field: text for field, text in scene.row(1).items() if field != name}
        missing = (await send(district, in_sheet([row]), kind)).json()
        assert [(error["field"], error["code"]) for error in missing["errors"]] == [(name, "column_missing")]
        done = await imported(district, in_sheet([row]), kind, **{name: value})
        assert (done["accepted"] + done["updated"], done["errors"]) == (1, [])
    row = SCENES["rosters"].row(1)
    refused = await send(district, in_sheet([row]), "rosters", as_of="2030-11-01")
    assert refused.json()["errors"][0]["code"] == "column_unknown"


async def test_what_stands_otherwise_is_refused_as_by_json_unless_an_update_is_asked_for(
    district: District,
) -> None:
    for kind, code in (("departments", "department_code_in_use"), ("units", "unit_code_in_use")):
        scene = SCENES[kind]
        await scene.build(district)
        await imported(district, in_sheet([scene.row(1)]), kind)
        changed = in_sheet([{**scene.row(1), "name": "新名"}, scene.row(2)])
        for asked in ({}, {"existing": "refuse"}):
            done = await imported(district, changed, kind, dry_run="true", **asked)
            assert (done["existing"], done["accepted"], done["updated"]) == ("refuse", 1, 0)
            assert [told[2] for told in done["errors"]] == [code]
        done = await imported(district, changed, kind, existing="update")
        assert (done["existing"], done["accepted"], done["updated"], done["errors"]) == ("update", 1, 1, [])
    refused = await send(district, in_sheet([SCENES["people"].row(1)]), "people", existing="refuse")
    assert refused.json()["errors"][0]["code"] == "existing_not_offered"


@pytest.mark.requirement(36)
async def test_a_roster_tells_who_is_missing_on_either_side(district: District) -> None:
    scene = SCENES["rosters"]
    await scene.build(district)
    rows = [scene.row(1), scene.row(50), {**scene.row(2), "unit_code": "NOWHERE"}]
    done = await imported(district, in_sheet(rows), "rosters")
    assert (done["updated"], done["rejected"]) == (1, 2)
    assert done["errors"] == [(3, None, "not_enrolled"), (4, "unit_code", "not_found")]
    absent = (await district.get(f"/v1/imports/{done['import_id']}/absent"))["people"]
    assert {person["unit_code"] for person in absent} == {CREDIT_CODE}
    owner = district.system.owner
    assert len(absent) == await owner.fetchval("SELECT count(*) - 1 FROM registry.enrolment")
    assert {person["name_masked"] for person in absent} == {"张*"}
    other = await district.system.client("registry", scopes=["admin"])
    assert (await other.get(f"/v1/imports/{done['import_id']}/absent")).status_code == 404
    text = (await district.http.get(f"/v1/imports/{done['import_id']}/sheet")).content.decode("utf-8-sig")
    assert "该人员未纳入该单位" in text.splitlines()[2]


async def test_a_town_sends_its_own_places_grids_and_rosters_and_no_list_of_the_district(
    district: District,
) -> None:
    await district.unit("U-2", township_code="TOWN-02")
    await SCENES["grids"].build(district)
    await SCENES["surveys"].build(district)
    mine = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    sector = await district.system.client(
        "registry", scopes=["admin"], area_code="MARKET", area_level="department"
    )
    assert (
        await send(district, in_sheet([SCENES["licences"].row(1)]), "licences", http=mine)
    ).status_code == 403
    assert (
        await send(district, in_sheet([SCENES["surveys"].row(1)]), "surveys", http=sector)
    ).status_code == 403
    foreign = await imported(district, in_sheet([SCENES["surveys"].row(1)]), "surveys", http=mine)
    assert [(field, code) for _, field, code in foreign["errors"]] == [
        ("township_code", "unknown_township_code")
    ]
    grid = await imported(district, in_sheet([SCENES["grids"].row(1)]), "grids", http=mine)
    assert [code for _, _, code in grid["errors"]] == ["unknown_parent_division"]
    roster = await imported(
        district, in_sheet([{"unit_code": CREDIT_CODE, "id_no": id_no(1)}]), "rosters", http=mine
    )
    assert roster["errors"] == [(2, "unit_code", "not_found")]
