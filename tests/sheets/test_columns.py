"""Headers that people write, and what spreadsheets have made of the cells below them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import CATALOGUE, Problem
from shared.identifiers import is_resident_id
from shared.sheets.cells import cell_of
from shared.sheets.columns import Column, layout_of, values_of
from shared.sheets.rows import Rows

COLUMNS = (
    Column("name", "姓名", "Name", "张伟", required=True),
    Column("id_type", "证件类型", "Document type", "身份证", choices={"身份证": "resident_id", "护照": "passport"}),
    Column("id_no", "证件号码", "Document number", "…", aliases=("身份证号",), required=True, long=True),
    Column("contact.phone", "手机号", "Phone", "13800138000", undamaged=r"1[3-9]\d{9}"),
    Column("enrolled_on", "纳入日期", "Enrolled on", "2026-01-05", type="day"),
    Column("count", "人数", "Count", "3", type="number"),
)  # fmt: skip
NUMBER = "11010519491231002X"


def sheet(header: list[str], *rows: list[str], form: str = "csv", **more: Any) -> Rows:
    return Rows(form, numbers=list(range(1, len(rows) + 2)), rows=[header, *rows], **more)  # type: ignore[arg-type]


def header_errors(rows: Rows, **mapping: str) -> list[tuple[str | None, str]]:
    with pytest.raises(Problem) as raised:
        layout_of(rows, COLUMNS, mapping=mapping, constants={})
    return [(error.field, error.code) for error in raised.value.errors] or [(None, raised.value.message.code)]


@pytest.mark.parametrize(
    "header",
    [
        ["姓名", "证件号码"],
        ["姓名*", "身份证号（必填）"],
        [" 姓 名 ", "证件\n号码"],
        ["Name", "document NUMBER"],
        ["ｎａｍｅ", "id_no"],
    ],
)
def test_a_header_may_be_chinese_english_or_the_fields_own_name(header: list[str]) -> None:
    layout = layout_of(sheet(header, ["张伟", NUMBER]), COLUMNS, mapping={}, constants={})
    assert values_of(layout, ["张伟", NUMBER], number=2) == ({"name": "张伟", "id_no": NUMBER}, [])


def test_everything_wrong_with_a_header_is_told_at_once_without_its_texts() -> None:
    rows = sheet(["姓名", "Name", "李四 13900139000", ""], ["a", "b", "c", "d"], merged=[2])
    assert header_errors(rows) == [
        ("C", "header_merged"),
        ("B", "header_duplicate"),
        ("C", "header_unknown"),
        ("D", "header_unknown"),
        ("id_no", "column_missing"),
    ]


def test_a_mapping_names_and_ignores_columns_and_gives_constants() -> None:
    rows = sheet(["员工", "工号", "身份证号"], ["张伟", "7", NUMBER])
    layout = layout_of(
        rows, COLUMNS, mapping={"员工": "name", "工号": ""}, constants={"id_type": "resident_id"}
    )
    assert values_of(layout, rows.rows[1], number=2)[0] == {
        "id_type": "resident_id", "name": "张伟", "id_no": NUMBER,
    }  # fmt: skip


def test_gb18030_that_was_not_declared_must_prove_itself_by_a_chinese_header() -> None:
    proved = sheet(["姓名", "id_no"], ["张伟", NUMBER], proved=False)
    layout_of(proved, COLUMNS, mapping={}, constants={})
    assert header_errors(sheet(["name", "id_no"], ["é", NUMBER], proved=False)) == [
        (None, "encoding_undeclared")
    ]


def test_a_sheet_of_nothing_but_a_header_is_empty() -> None:
    assert header_errors(sheet(["姓名", "证件号码"])) == [(None, "sheet_empty")]


CELLS = {
    "an exponent as text": ("id_no", "4.20107E+17", "number_damaged"),
    "an exponent as number": ("id_no", cell_of(420107199001011234), "number_damaged"),
    "a number where leading zeros are lost": ("id_no", cell_of(123456), "number_for_text"),
    "a mobile number as number": ("contact.phone", cell_of(13800138000.0), None),
    "a landline as number": ("contact.phone", cell_of(59112345678.0), "number_for_text"),
    "a day as number": ("enrolled_on", cell_of(45678.0), "day_as_number"),
    "a day as digits": ("enrolled_on", "45678", "day_as_number"),
    "a day with a time": ("enrolled_on", "\x00m2026-01-05T08:30:00", "wrong_type"),
    "a number that became a moment": ("id_no", "\x00m2026-01-05T08:30:00", "day_for_text"),
    "a number that became a day": ("id_no", "\x00d2026-01-05", "day_for_text"),
    "a failed formula": ("name", "\x00e", "cell_failed"),
    "an unknown choice": ("id_type", "驾照", "not_allowed"),
    "true": ("name", cell_of(True), "wrong_type"),
}


@pytest.mark.parametrize("what", CELLS)
def test_what_a_spreadsheet_has_damaged_is_refused(what: str) -> None:
    field, cell, code = CELLS[what]
    layout = layout_of(
        sheet(["name", "id_no", field], [], form="xlsx") if field not in ("name", "id_no")
        else sheet(["name", "id_no"], [], form="xlsx"),
        COLUMNS, mapping={}, constants={},
    )  # fmt: skip
    cells = {"name": "张伟", "id_no": NUMBER, field: cell}
    row, errors = values_of(layout, list(cells.values()), number=7)
    assert [(error.row, error.field, error.code) for error in errors] == ([(7, field, code)] if code else [])
    assert (row is None) == bool(code)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-1-5", "2026-01-05"),
        ("2026/01/05", "2026-01-05"),
        ("2026.1.5", "2026-01-05"),
        ("2026年1月5日", "2026-01-05"),
        ("20260105", "2026-01-05"),
        ("1/5/2026", "1/5/2026"),
        ("2026-1/5", "2026-1/5"),
    ],
)
def test_days_written_year_first_are_understood_and_others_left_to_the_check(text: str, day: str) -> None:
    rows = sheet(["name", "id_no", "纳入日期", "人数"], ["a", NUMBER, text, "12"])
    layout = layout_of(rows, COLUMNS, mapping={}, constants={})
    row, _ = values_of(layout, rows.rows[1], number=2)
    assert row is not None
    assert (row["enrolled_on"], row["count"]) == (day, 12)


def ids(*numbers: str) -> list[list[str]]:
    return [["张伟", number] for number in numbers]


def test_long_numbers_whose_last_digits_became_zeros_are_refused_where_the_column_shows_it() -> None:
    cut = "420107199001011000"
    few = sheet(["name", "id_no"], *ids(NUMBER, cut))
    layout = layout_of(few, COLUMNS, mapping={}, constants={})
    assert [error.code for error in values_of(layout, ["张伟", cut], number=3)[1]] == ["number_damaged"]
    assert values_of(layout, ["张伟", "\x00t" + cut], number=3)[0] is not None
    whole = [f"4201071990010{number:05d}" for number in range(1, 120)]
    many = sheet(["name", "id_no"], *ids(*whole, cut))
    layout = layout_of(many, COLUMNS, mapping={}, constants={})
    assert values_of(layout, ["张伟", cut], number=3)[0] is not None


REAL = next(
    number
    for number in (f"4201071990{n:04d}{d}000" for n in range(101, 129) for d in range(10))
    if is_resident_id(number)
)
CHECKED = tuple(replace(c, check=is_resident_id) if c.field == "id_no" else c for c in COLUMNS)
JUDGED = {
    "a real one beside intact ones": (["420107199001011238", REAL], True),
    "a real one beside many intact ones": ([f"4201071990010{n:05d}" for n in range(1, 120)] + [REAL], True),
    "one whose check digit is wrong": (["420107199001011238", "420107199001012000"], False),
    "a real one beside a cut one": (["420107199001011238", "420107199001012000", REAL], False),
    "a real one with nothing to compare": ([REAL], False),
    "a column that was cut whole": ([REAL, "420107199001012000"], False),
    "a real one beside one that ends in X, which Excel leaves alone": (["11010519491231002X", REAL], False),
}


@pytest.mark.parametrize("what", JUDGED)
def test_a_number_that_ends_in_zeros_is_judged_by_its_check_digit_and_its_neighbours(what: str) -> None:
    numbers, good = JUDGED[what]
    layout = layout_of(sheet(["name", "id_no"], *ids(*numbers)), CHECKED, mapping={}, constants={})
    ending = next(number for number in reversed(numbers) if number.endswith("000"))
    row, wrong = values_of(layout, ["张伟", ending], number=3)
    assert [error.code for error in wrong] == ([] if good else ["number_damaged"])
    assert (row is not None) == good


@pytest.mark.parametrize("cells", [["张伟"], ["张伟", NUMBER, "more"], ["张伟", NUMBER, ""]])
def test_a_row_of_another_length_is_refused_and_never_shifted(cells: list[str]) -> None:
    layout = layout_of(sheet(["name", "id_no"], cells), COLUMNS, mapping={}, constants={})
    assert [error.code for error in values_of(layout, cells, number=2)[1]] == ["row_ragged"]


@given(st.lists(st.text(max_size=30), min_size=6, max_size=6))
def test_any_texts_give_a_row_or_errors_with_codes(cells: list[str]) -> None:
    header = [column.field for column in COLUMNS]
    layout = layout_of(sheet(header, cells), COLUMNS, mapping={}, constants={})
    row, errors = values_of(layout, cells, number=2)
    assert (row is None) == bool(errors)
    assert {error.code for error in errors} <= CATALOGUE.keys()
