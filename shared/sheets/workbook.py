"""XLSX: what is in the file is counted before it is opened, then read by calamine.

A zip says how large its parts are and may lie, so each is inflated and counted; a worksheet is looked
through for its rows and cells meanwhile, because the reader makes room for the whole rectangle at once.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from shared.errors import BODY_TOO_LARGE, TOO_LONG, Problem
from shared.sheets import errors
from shared.sheets.cells import FAILED, cell_of, column_of
from shared.sheets.limits import Limits
from shared.sheets.rows import Rows

ZIP: Final = b"PK"
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_CHUNK: Final = 256 * 1024
# Longer than what is looked for, so that nothing hides where two chunks meet.
_OVERLAP: Final = 512
_DTD: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ROWS: Final = (b"<row ", b"<row>", b"<row/")
_CELLS: Final = (b"<c ", b"<c>", b"<c/")
_ROW_NUMBER: Final = re.compile(rb'<row[^>]*? r="(\d{1,9})"')
_FAILED: Final = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*? t="e"')


def read_workbook(raw: bytes, limits: Limits) -> Rows:
    """Return the rows of the first worksheet; Problem 413, 415 or 422."""
    if raw.startswith(OLE):
        raise Problem(errors.SHEET_ENCRYPTED if _ENCRYPTED in raw else errors.SHEET_OLD_FORMAT)
    failed = look_through(raw, limits)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0)
    except PasswordError:
        raise Problem(errors.SHEET_ENCRYPTED) from None
    except (CalamineError, OSError, ValueError, IndexError):
        raise Problem(errors.SHEET_DAMAGED) from None
    return _collected(sheet, failed, limits)


def look_through(raw: bytes, limits: Limits) -> set[tuple[int, int]]:
    """Count what a zip holds, and return the cells of worksheets whose formula has failed; Problem."""
    room = limits.unpacked
    failed: set[tuple[int, int]] = set()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > limits.parts or sum(entry.file_size for entry in entries) > room:
                raise Problem(BODY_TOO_LARGE)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise Problem(errors.SHEET_ENCRYPTED)
                look = _Look(limits, failed, sheet=entry.filename.startswith("xl/worksheets/"))
                for chunk in _inflated(raw, archive, entry):
                    room -= len(chunk)
                    if room < 0:
                        raise Problem(BODY_TOO_LARGE)
                    look.at(chunk)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError):
        raise Problem(errors.SHEET_DAMAGED) from None
    return failed


def _inflated(raw: bytes, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what an entry really holds: the library would stop where the entry says that it ends."""
    with archive.open(entry):  # finds and checks its own header
        pass
    start = entry.header_offset + 30
    start += int.from_bytes(raw[start - 4 : start - 2], "little")
    start += int.from_bytes(raw[entry.header_offset + 28 : entry.header_offset + 30], "little")
    packed = memoryview(raw)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        yield bytes(packed)
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes | memoryview = packed
    while not inflate.eof and (chunk := inflate.decompress(rest, _CHUNK)):
        yield chunk
        rest = inflate.unconsumed_tail


class _Look:
    """Looks at one part of the workbook, chunk by chunk."""

    def __init__(self, limits: Limits, failed: set[tuple[int, int]], *, sheet: bool) -> None:
        self._limits, self._failed, self._sheet = limits, failed, sheet
        self._left = b""
        self._rows = self._cells = 0

    def at(self, chunk: bytes) -> None:
        """Look at the next chunk; Problem."""
        seen = self._left + chunk
        if _DTD.search(seen):
            raise Problem(errors.SHEET_UNSAFE)
        if self._sheet:
            self._count(seen)
            if b't="e"' in seen:
                self._failed.update((int(f[2]), column_of(f[1].decode())) for f in _FAILED.finditer(seen))
        self._left = seen[-_OVERLAP:]

    def _count(self, seen: bytes) -> None:
        self._rows += sum(seen.count(tag) - self._left.count(tag) for tag in _ROWS)
        self._cells += sum(seen.count(tag) - self._left.count(tag) for tag in _CELLS)
        last = _ROW_NUMBER.match(seen, max(seen.rfind(b"<row "), 0))
        self._limits.check(rows=max(self._rows, int(last[1]) if last else 0) - 1, cells=self._cells)


def _collected(sheet: CalamineSheet, failed: set[tuple[int, int]], limits: Limits) -> Rows:
    last_row, last_column = sheet.end or (0, 0)
    limits.check(rows=last_row, columns=last_column + 1, cells=(last_row + 1) * (last_column + 1))
    found = Rows("xlsx")
    for number, values in enumerate(sheet.iter_rows(), start=1):
        row = [cell_of(value) for value in values]
        if failed:
            row = [FAILED if (number, column) in failed else cell for column, cell in enumerate(row)]
        if not any(cell.strip() for cell in row):
            continue
        if any(len(cell) > limits.cell for cell in row):
            raise Problem(TOO_LONG)
        found.numbers.append(number)
        found.rows.append(row)
    if found.numbers:
        header = found.numbers[0] - 1
        found.merged = sorted(
            start[1] for start, end in sheet.merged_cell_ranges or () if start[0] <= header <= end[0]
        )
    return found
