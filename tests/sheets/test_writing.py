"""What is written: read back as it was, and never run as a formula."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from shared.sheets.cells import shielded, unshielded
from shared.sheets.limits import Limits
from shared.sheets.reading import ANY, read_sheet
from shared.sheets.rows import Format
from shared.sheets.writing import table

FORMULAS = [
    "=1+1",
    "+86 138",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "=cmd|' /C calc'!A0",
]


def written(form: Format, *rows: list[str]) -> bytes:
    file = BytesIO()
    with table(file, form, ["甲", "乙"], title="表") as sheet:
        for row in rows:
            sheet.add(row, marked={1: "x"})
    return file.getvalue()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("text", FORMULAS)
async def test_no_text_becomes_a_formula(form: Format, text: str) -> None:
    raw = written(form, [text, "x"])
    rows = await read_sheet(raw, Limits(), content_type=ANY)
    seen = rows.rows[1][0].removeprefix("\x00t")
    if form == "xlsx":
        [[_, _], [shown, _]] = CalamineWorkbook.from_filelike(BytesIO(raw)).get_sheet_by_index(0).to_python()
        assert str(shown)[0] == "'"
        assert unshielded(seen).strip() == text.strip()
    else:
        assert f"'{text[0]}".encode() in raw
        assert seen == text


@given(st.text(max_size=40))
def test_what_is_shielded_never_begins_as_a_formula_and_comes_back(text: str) -> None:
    assert not shielded(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    if not text.startswith("'"):
        assert unshielded(shielded(text)) == text


async def test_a_csv_opens_in_excel_as_utf_8() -> None:
    raw = written("csv", ["张", "伟"])
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
