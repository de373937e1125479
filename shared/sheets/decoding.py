"""CSV: from bytes to rows of cells. The charset is what was declared, or proved, never guessed.

UTF-8 proves itself. Bytes that are GB18030 may be something else too, so an undeclared sheet in it is
taken only if its header then holds a column name in Chinese that is known (`shared.sheets.columns`).
"""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from shared.errors import TOO_LONG, Problem
from shared.sheets import errors
from shared.sheets.cells import TEXT, plain, unshielded
from shared.sheets.limits import Limits
from shared.sheets.rows import Rows

UTF_8: Final = "utf-8"
GB18030: Final = "gb18030"
CHARSETS: Final = {
    "utf-8": UTF_8,
    "utf8": UTF_8,
    "utf-8-sig": UTF_8,
    "gbk": GB18030,
    "gb2312": GB18030,
    "gb18030": GB18030,
    "cp936": GB18030,
}
_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = ",;\t"
_FORCED: Final = re.compile(r'="([^"]*)"')


def read_csv(raw: bytes, limits: Limits, *, charset: str | None) -> Rows:
    """Return the rows of a CSV; Problem 413 or 422."""
    text, used = decoded(raw, charset)
    csv.field_size_limit(limits.cell)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        numbers, rows = _collected(reader, limits)
    except csv.Error as error:
        long = "larger than field limit" in str(error)
        raise Problem(TOO_LONG if long else errors.CSV_MALFORMED) from None
    return Rows("csv", used, proved=used == UTF_8 or charset is not None, numbers=numbers, rows=rows)


def decoded(raw: bytes, charset: str | None) -> tuple[str, str]:
    """Return the text and its charset; Problem 422 for bytes that are none of what is known."""
    if raw.startswith(_BOM) and charset in (None, UTF_8):
        raw, charset = raw[len(_BOM) :], UTF_8
    for wanted in (charset,) if charset else (UTF_8, GB18030):
        try:
            return raw.decode(wanted), wanted
        except UnicodeDecodeError:
            continue
    raise Problem(errors.ENCODING_WRONG if charset else errors.ENCODING_UNDECLARED)


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first line that holds anything: the most frequent outside quotes."""
    first = next((line for line in io.StringIO(text) if line.strip(" \r\n")), "")
    bare = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=bare.count)


def _collected(reader: Iterable[list[str]], limits: Limits) -> tuple[list[int], list[list[str]]]:
    numbers: list[int] = []
    rows: list[list[str]] = []
    cells = 0
    for number, row in enumerate(reader, start=1):
        if not any(cell.strip() for cell in row):
            continue
        cells += len(row)
        limits.check(rows=len(rows), columns=len(row), cells=cells)
        numbers.append(number)
        rows.append([_cell(text) for text in row])
    return numbers, rows


def _cell(text: str) -> str:
    """Return a cell; `="007"` is how a CSV tells Excel that something is a text."""
    if text.startswith("="):
        forced = _FORCED.fullmatch(text)
        if forced:
            return TEXT + forced[1]
    elif text.startswith("'"):
        return TEXT + (unshielded(text) if unshielded(text) != text else text[1:])
    return TEXT + text if plain(text) != text else text
