"""Files as they are sent: what is read, and what is refused before anything is made of it."""

import zipfile
from datetime import date, datetime
from io import BytesIO

import pytest

from shared.errors import Problem
from shared.sheets.cells import column_of, letter_of
from shared.sheets.limits import Limits
from shared.sheets.reading import ANY, CSV, XLSX, read_sheet
from tests.sheets.making import HEADER, in_csv, rezipped, worksheet, xlsx

ROW = ("张龘㐂", "11010519491231002X", "13800138000", "2026-01-05")
SMALL = Limits(rows=100, columns=20, cells=1_000, unpacked=1024 * 1024, cell=500)
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [("utf-8", ""), ("utf-8-sig", ""), ("gb18030", ""), ("gb18030", "gb18030"), ("gb18030", "GBK")],
)
async def test_a_csv_in_any_known_charset_keeps_rare_characters(encoding: str, charset: str) -> None:
    content_type = f"{CSV}; charset={charset}" if charset else CSV
    rows = await read_sheet(in_csv(HEADER, ROW, encoding=encoding), SMALL, content_type=content_type)
    assert rows.rows == [list(HEADER), list(ROW)]
    assert rows.proved == (encoding != "gb18030" or bool(charset))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_cells_may_be_parted_by_comma_semicolon_or_tab(delimiter: str) -> None:
    raw = in_csv(HEADER, ("张,伟;\t", *ROW[1:]), delimiter=delimiter)
    rows = await read_sheet(raw, SMALL, content_type=CSV)
    assert rows.rows[1] == ["张,伟;\t", *ROW[1:]]


async def test_a_workbook_keeps_apart_what_is_text_number_and_day() -> None:
    cells = [
        "张伟",
        420107199001011234,
        13800138000,
        date(2026, 1, 5),
        datetime.fromisoformat("2026-01-05T08:30:00"),
        True,
        0.5,
    ]
    rows = await read_sheet(xlsx(list("ABCDEFG"), cells), SMALL, content_type=XLSX)
    assert rows.rows[1] == [
        "张伟", "\x00n4.201072E+17", "\x00n13800138000", "\x00d2026-01-05", "\x00m2026-01-05T08:30:00",
        "\x00x", "\x00n0.5",
    ]  # fmt: skip


async def test_rows_bear_the_numbers_that_a_person_sees() -> None:
    sheet = xlsx((), HEADER, (), ROW, (), (), ROW)
    rows = await read_sheet(sheet, SMALL, content_type=XLSX)
    assert rows.numbers == [2, 4, 7]
    rows = await read_sheet(in_csv((), HEADER, ("", ""), ("张\n伟", *ROW[1:]), ROW), SMALL, content_type=CSV)
    assert rows.numbers == [2, 4, 5]


async def test_a_failed_formula_is_not_taken_for_a_blank_cell() -> None:
    sheet = xlsx(HEADER, ROW, touch=lambda s: s.write_formula(1, 2, "=1/0", None, "#DIV/0!"))
    rows = await read_sheet(sheet, SMALL, content_type=XLSX)
    assert rows.rows[1][2] == "\x00e"


async def test_a_text_that_csv_forces_is_a_text() -> None:
    raw = b'name,number\r\nA,"=""007"""\r\nB,\'=1+1\r\n'
    rows = await read_sheet(raw, SMALL, content_type=CSV)
    assert [row[1] for row in rows.rows[1:]] == ["\x00t007", "\x00t=1+1"]


def _bomb() -> bytes:
    sheet = xlsx(HEADER, ROW)
    return rezipped(sheet, sheet1=worksheet(sheet) + b" " * 2**24)


def _lying_bomb() -> bytes:
    """Return a workbook whose directory says that the part is small."""
    raw = bytearray(_bomb())
    with zipfile.ZipFile(BytesIO(bytes(raw))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    true, lie = size.to_bytes(4, "little"), (2_000).to_bytes(4, "little")
    return bytes(raw).replace(true, lie)


def _flood() -> bytes:
    sheet = xlsx(HEADER, ROW)
    return rezipped(sheet, sheet1=worksheet(sheet).replace(b"</row>", b"<c/>" * 2_000 + b"</row>", 1))


def _far_corner() -> bytes:
    return xlsx(HEADER, ROW, touch=lambda s: s.write_string(1_048_575, 16_383, "x"))


def _with_entities() -> bytes:
    sheet = xlsx(HEADER, ROW)
    return rezipped(sheet, sharedStrings=b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><sst/>')


def _with_password() -> bytes:
    """Return a workbook whose directory says that its parts are encrypted."""
    plain, flagged = b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    return xlsx(HEADER, ROW).replace(plain, flagged)


REFUSED = {
    "nothing": (b"", CSV, "sheet_empty"),
    "blanks": (b" \r\n\r\n", CSV, "sheet_empty"),
    "encrypted": (OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le"), XLSX, "sheet_encrypted"),
    "encrypted by zip": (_with_password(), XLSX, "sheet_encrypted"),
    "old xls": (OLE + bytes(500), XLSX, "sheet_old_format"),
    "cut off": (xlsx(HEADER, ROW)[:-30], XLSX, "sheet_damaged"),
    "a zip of something else": (rezipped(xlsx(HEADER))[:4] + bytes(100), XLSX, "sheet_damaged"),
    "too many rows": (in_csv(HEADER, *[ROW] * 101), CSV, "too_many_rows"),
    "too many rows in a workbook": (xlsx(HEADER, *[ROW[:1]] * 101), XLSX, "too_many_rows"),
    "too many columns": (in_csv(["x"] * 21), CSV, "too_many_columns"),
    "too many columns in a workbook": (xlsx(["x"] * 21), XLSX, "too_many_columns"),
    "too many cells": (in_csv(*[["x"] * 20] * 60), CSV, "too_many_cells"),
    "a flood of cells": (_flood(), XLSX, "too_many_cells"),
    "a cell in the far corner": (_far_corner(), XLSX, "too_many_rows"),
    "a bomb": (_bomb(), XLSX, "body_too_large"),
    "a bomb that lies": (_lying_bomb(), XLSX, "body_too_large"),
    "entities": (_with_entities(), XLSX, "sheet_unsafe"),
    "a long cell": (in_csv(HEADER, ("x" * 600,)), CSV, "too_long"),
    "a long cell in a workbook": (xlsx(HEADER, ("x" * 600,)), XLSX, "too_long"),
    "an open quote": (b'a,b\r\n"x,y\r\n', CSV, "csv_malformed"),
    "utf-16": (in_csv(HEADER, ROW, encoding="utf-16"), CSV, "encoding_undeclared"),
    "latin-1": (b"name\r\n" + "é".encode("latin-1") + b"\r\n", CSV, "encoding_undeclared"),
    "not what it says": (in_csv(HEADER, ROW, encoding="gb18030"), f"{CSV}; charset=utf-8", "encoding_wrong"),
    "a workbook called csv": (xlsx(HEADER, ROW), CSV, "unsupported_media_type"),
    "a csv called workbook": (in_csv(HEADER, ROW), XLSX, "unsupported_media_type"),
    "json": (b"{}", "application/json", "unsupported_media_type"),
    "an unknown charset": (b"a", f"{CSV}; charset=ebcdic", "unsupported_media_type"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
async def test_a_bad_file_is_refused_with_its_code(what: str) -> None:
    raw, content_type, code = REFUSED[what]
    with pytest.raises(Problem) as raised:
        await read_sheet(raw, SMALL, content_type=content_type)
    assert raised.value.message.code == code


async def test_a_reader_that_takes_too_much_ends_alone() -> None:
    tight = Limits(memory=256 * 2**20, cells=10**9, rows=2 * 10**6, columns=20_000)
    with pytest.raises(Problem) as raised:
        await read_sheet(_far_corner(), tight, content_type=ANY)
    assert raised.value.message.code == "sheet_too_complex"


def test_columns_are_called_by_letters() -> None:
    for number, letters in ((0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")):
        assert letter_of(number) == letters
        assert column_of(letters) == number
