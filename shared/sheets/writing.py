"""Writing tables for people: XLSX, and CSV that Excel opens as it should. No text becomes a formula."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final, Protocol

import xlsxwriter

from shared.sheets.cells import shielded
from shared.sheets.reading import CSV, XLSX
from shared.sheets.rows import Format

MEDIA_TYPES: Final[Mapping[Format, str]] = {"csv": f"{CSV}; charset=utf-8", "xlsx": XLSX}
# Excel's own; more rows are refused before they are written.
MOST_ROWS: Final = 1_048_575
LONGEST_CELL: Final = 32_000
_WIDTH: Final = 18
# Of Excel's worksheets.
_LONGEST_TITLE: Final = 31
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\]")
# The writer of XLSX keeps rows in files until the end: in memory where there is such a place.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
Value = str | int | float | None


class Table(Protocol):
    """A table that is being written."""

    def add(self, values: Sequence[Value], *, marked: Mapping[int, object] | None = None) -> None:
        """Add a row; `marked`: the places of cells to be shown as wrong."""


@contextmanager
def table(
    file: IO[bytes], form: Format, header: Sequence[str], *, title: str, made_at: datetime | None = None
) -> Iterator[Table]:
    """Yield a table that is written to `file`; whole when the block ends.

    With `made_at` (naive), which an XLSX tells, the same rows are the same bytes.
    """
    if form == "csv":
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        try:
            made = _Csv(text)
            made.add(header)
            yield made
        finally:
            text.detach()
        return
    with workbook(file) as book:
        if made_at is not None:
            book.set_properties({"created": made_at})
        yield _Xlsx(book, header, title=title)


@contextmanager
def workbook(file: IO[bytes]) -> Iterator[Any]:
    """Yield an XLSX that keeps its rows in files until it is whole, when the block ends."""
    place = str(_MEMORY) if _MEMORY.is_dir() else None
    with TemporaryDirectory(prefix="yingjian-", dir=place) as scratch:
        options = {"constant_memory": True, "tmpdir": scratch, "strings_to_formulas": False}
        with xlsxwriter.Workbook(file, options) as book:
            yield book


class _Csv:
    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")

    def add(self, values: Sequence[Value], *, marked: Mapping[int, object] | None = None) -> None:
        """Add a row; a CSV has no way to mark a cell."""
        del marked
        self._writer.writerow([shielded(v) if isinstance(v, str) else v for v in values])


class _Xlsx:
    def __init__(self, book: Any, header: Sequence[str], *, title: str) -> None:  # noqa: ANN401 - has no types
        self._sheet = book.add_worksheet(_NOT_IN_TITLES.sub("", title)[:_LONGEST_TITLE].strip("' "))
        self._text = book.add_format({"num_format": "@"})
        self._wrong = book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"})
        self._row = 0
        self._sheet.set_column(0, max(len(header) - 1, 0), _WIDTH, self._text)
        self._sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True, "num_format": "@"})
        for place, name in enumerate(header):
            self._sheet.write_string(0, place, shielded(name), bold)

    def add(self, values: Sequence[Value], *, marked: Mapping[int, object] | None = None) -> None:
        """Add a row."""
        self._row += 1
        for place, value in enumerate(values):
            form = self._wrong if marked and place in marked else self._text
            if isinstance(value, str):
                self._sheet.write_string(self._row, place, shielded(value[:LONGEST_CELL]), form)
            elif value is not None:
                self._sheet.write_number(self._row, place, value)
