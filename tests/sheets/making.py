"""Sheets for tests: as Excel writes them, and as somebody who means harm would."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import xlsxwriter

HEADER = ("姓名", "证件号码", "手机号", "接种完成日期")


def xlsx(*rows: Sequence[Any], touch: Callable[[Any], None] | None = None) -> bytes:
    """Return a workbook of one worksheet; texts are text cells, numbers number cells."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                else:
                    sheet.write(number, place, value)
        if touch is not None:
            touch(sheet)
    return file.getvalue()


def in_csv(*rows: Sequence[Any], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Return a CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(encoding)


def rezipped(workbook: bytes, **parts: bytes) -> bytes:
    """Return a workbook with parts replaced; `sheet1` is the first worksheet."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            name = entry.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(entry.filename, parts.get(name, old.read(entry)))
    return file.getvalue()


def worksheet(workbook: bytes) -> bytes:
    """Return the XML of the first worksheet."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")
