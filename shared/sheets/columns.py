"""What the columns of a kind of sheet mean: found by their headers, cells turned into values; pure.

Coercion of what spreadsheets do to cells belongs here and nowhere else; what a value may be is judged
later, by the same models that judge JSON.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made
from typing import Any, Final, Literal

from shared.errors import NOT_ALLOWED, WRONG_TYPE, Problem, RowError
from shared.sheets import errors
from shared.sheets.cells import (
    DAY,
    FAILED,
    MARK,
    MOMENT,
    NUMBER,
    OTHER,
    TEXT,
    letter_of,
    plain,
    unshielded,
)
from shared.sheets.moments import moment_of, moment_text
from shared.sheets.rows import Format, Rows

Type = Literal["text", "day", "moment", "number"]
Value = str | int | float
# What Excel makes of a long number that it shows in a narrow column, and then saves as CSV.
_EXPONENT: Final = re.compile(r"-?[0-9](\.[0-9]+)?[eE]\+[0-9]{1,3}")
# Digits after the 15th are zeros: what is left of a number that went through Excel.
_CUT: Final = re.compile(r"[0-9]{15}0{1,3}")
_LONG: Final = re.compile(r"[0-9]{16,18}")
_CUT_SHARE: Final = 0.02
_CUT_FROM: Final = 50
_DAY: Final = re.compile(r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日)")
_COMPACT_DAY: Final = re.compile(r"(?:19|20|21)[0-9]{6}")
_BARE_NUMBER: Final = re.compile(r"[0-9]{1,6}(\.[0-9]+)?")
_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")
_FRACTION: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_UNUSABLE: Final = {
    FAILED: errors.CELL_FAILED.code,
    DAY: errors.DAY_FOR_TEXT.code,
    MOMENT: errors.DAY_FOR_TEXT.code,
    OTHER: WRONG_TYPE.code,
}
_DECORATION: Final = re.compile(r"[\s*_]|\([^)]*\)|\[[^]]*\]")
IGNORE: Final = ""
# Columns that people and our own annotated copies add, which hold nothing to import.
_BESIDE: Final = ("序号", "编号", "备注", "no", "remarks", "校验结果", "问题", "result", "problems")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `field` is the field of the JSON row, with dots for what lies inside another.

    `choices`: what a person writes to what the row holds. `undamaged`: numbers of a number cell that
    certainly stand as they were typed; others are refused in a text column. `long`: may have more than
    15 digits. `check`: whether a number of that length can be real (its check digit). `personal`: of a
    person, so that no mapping may give it as a constant.
    """

    field: str
    zh: str
    en: str
    example: str
    aliases: tuple[str, ...] = ()
    type: Type = "text"
    required: bool = False
    choices: Mapping[str, str] = made(default_factory=dict)
    undamaged: str | None = None
    long: bool = False
    check: Callable[[str], bool] | None = None
    personal: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return every header that means this column."""
        return (self.field, self.zh, self.en, *self.aliases)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a sheet from the left, None for one that is ignored; what every row has beside them.

    `suspect`: fields in which so many long numbers end in zeros that Excel must have cut them.
    """

    format: Format
    columns: tuple[Column | None, ...]
    constants: Mapping[str, str] = made(default_factory=dict)
    suspect: frozenset[str] = frozenset()

    def only(self, fields: Collection[str]) -> "Layout":
        """Return the same layout with the other columns left out: for a look at some fields of every row."""
        kept = tuple(c if c is not None and c.field in fields else None for c in self.columns)
        constants = {name: value for name, value in self.constants.items() if name in fields}
        return replace(self, columns=kept, constants=constants)


def layout_of(
    rows: Rows, columns: Sequence[Column], *, mapping: Mapping[str, str], constants: Mapping[str, str]
) -> Layout:
    """Return what each column of a sheet is; Problem 422 with everything that is wrong with the header.

    `mapping`: headers of the sender's own to fields, or to IGNORE.
    """
    if not rows.rows:
        raise Problem(errors.SHEET_EMPTY)
    header = [plain(cell) for cell in rows.rows[0]]
    found = _named(header, columns, mapping)
    wrong = _wrong(rows, header, found, columns, constants)
    known = [place for place, column in enumerate(found) if isinstance(column, Column)]
    if not rows.proved and all(header[place].isascii() for place in known):
        raise Problem(errors.ENCODING_UNDECLARED)
    if wrong:
        raise Problem(errors.HEADER_WRONG, errors=wrong)
    if len(rows.rows) == 1:
        raise Problem(errors.SHEET_EMPTY)
    kept = tuple(column if isinstance(column, Column) else None for column in found)
    suspect = frozenset(
        column.field
        for place, column in enumerate(kept)
        if column is not None and column.long and _cut_by_excel(rows, place, column.check)
    )
    return Layout(rows.format, kept, constants, suspect)


def header_key(text: str) -> str:
    """Return the form under which headers are compared: half width, folded, without blanks and hints."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text).casefold())


def _named(
    header: Sequence[str], columns: Sequence[Column], mapping: Mapping[str, str]
) -> list[Column | str | None]:
    """Return for each header its column, IGNORE, or None for one that nobody knows."""
    by_field = {column.field: column for column in columns}
    names: dict[str, Column | str] = dict.fromkeys(map(header_key, _BESIDE), IGNORE)
    names |= {header_key(name): column for column in columns for name in column.names}
    names |= {header_key(own): by_field.get(wanted, IGNORE) for own, wanted in mapping.items()}
    return [names.get(header_key(text)) if text.strip() else IGNORE for text in header]


def _wrong(
    rows: Rows,
    header: Sequence[str],
    found: Sequence[Column | str | None],
    columns: Sequence[Column],
    constants: Mapping[str, str],
) -> list[RowError]:
    """Return what is wrong with a header. A column is named by its letter: its text may be a value."""
    number = rows.numbers[0]
    wrong = [RowError(number, letter_of(place), errors.HEADER_MERGED.code) for place in rows.merged]
    seen: set[str] = set()
    for place, column in enumerate(found):
        if column is None:
            wrong.append(RowError(number, letter_of(place), errors.HEADER_UNKNOWN.code))
        elif isinstance(column, Column):
            if column.field in seen:
                wrong.append(RowError(number, letter_of(place), errors.HEADER_DUPLICATE.code))
            seen.add(column.field)
        elif not header[place].strip() and _filled(rows, place):
            wrong.append(RowError(number, letter_of(place), errors.HEADER_UNKNOWN.code))
    missing = [c.field for c in columns if c.required and c.field not in seen and c.field not in constants]
    return wrong + [RowError(number, name, errors.COLUMN_MISSING.code) for name in missing]


def _filled(rows: Rows, place: int) -> bool:
    return any(len(row) > place and row[place].strip() for row in rows.rows[1:])


def _cut_by_excel(rows: Rows, place: int, check: Callable[[str], bool] | None) -> bool:
    """Say whether the long numbers of a CSV's column that end in zeros have been cut.

    Excel cuts a whole column, so an intact number beside them speaks for them. Then the check digit
    decides, which one cut number in eleven meets by chance; where there is none, their share does: one real
    number in a thousand ends so.
    """
    if rows.format == "xlsx":
        return False  # there a damaged number is a number cell
    cells = (row[place].strip() for row in rows.rows[1:] if len(row) > place)
    long = [text for text in cells if _LONG.fullmatch(text)]
    cut = [text for text in long if _CUT.fullmatch(text)]
    if not cut or len(cut) == len(long):
        return bool(cut)
    if check is not None:
        return not all(map(check, cut))
    return len(long) < _CUT_FROM or len(cut) > _CUT_SHARE * len(long)


def values_of(
    layout: Layout, cells: Sequence[str], *, number: int
) -> tuple[dict[str, Any] | None, list[RowError]]:
    """Return a row as JSON would send it, or None and everything that is wrong with its cells."""
    if layout.format == "csv" and len(cells) != len(layout.columns):
        return None, [RowError(number, None, errors.ROW_RAGGED.code)]
    row: dict[str, Any] = {}
    wrong: list[RowError] = []
    for name, constant in layout.constants.items():
        _put(row, name, constant)
    for column, cell in zip(layout.columns, cells, strict=False):
        if column is None or not cell:
            continue
        value, code = _value(column, cell, layout)
        if code is not None:
            wrong.append(RowError(number, column.field, code))
        elif value != "":
            _put(row, column.field, value)
    return (None, wrong) if wrong else (row, [])


def _put(row: dict[str, Any], name: str, value: object) -> None:
    """Set a field; what comes before a dot is an object."""
    outer, dot, inner = name.partition(".")
    if dot:
        row.setdefault(outer, {})[inner] = value
    else:
        row[outer] = value


def _value(column: Column, cell: str, layout: Layout) -> tuple[Value, str | None]:
    """Return what a cell says, or the code of what is wrong with it; an empty text for a blank one."""
    mark = cell[:2] if cell.startswith(MARK) else TEXT
    if mark == NUMBER:
        return _from_number(column, cell[2:])
    if mark == DAY and column.type == "day":
        return cell[2:], None
    if mark in (DAY, MOMENT) and column.type == "moment":
        return moment_of(cell[2:])
    if mark != TEXT:
        moment_for_day = (mark, column.type) == (MOMENT, "day")
        return "", WRONG_TYPE.code if moment_for_day else _UNUSABLE.get(mark, WRONG_TYPE.code)
    text = unshielded(plain(cell).strip())
    if not text:
        return "", None
    if column.type != "text":
        return _READERS[column.type](text)
    return _text(column, text, suspect=column.field in layout.suspect and not cell.startswith(MARK))


def _text(column: Column, text: str, *, suspect: bool) -> tuple[str, str | None]:
    if _EXPONENT.fullmatch(text) or (suspect and _CUT.fullmatch(text)):
        return "", errors.NUMBER_DAMAGED.code
    if not column.choices:
        return text, None
    chosen = column.choices.get(text) or column.choices.get(text.casefold())
    return (chosen, None) if chosen else ("", NOT_ALLOWED.code)


def _from_number(column: Column, digits: str) -> tuple[Value, str | None]:
    if column.type in ("day", "moment"):
        return "", errors.DAY_AS_NUMBER.code
    if column.type == "number":
        return _number(digits)
    if column.undamaged and re.fullmatch(column.undamaged, digits):
        return _text(column, digits, suspect=False)
    if "E" in digits:
        return "", errors.NUMBER_DAMAGED.code
    return "", errors.NUMBER_FOR_TEXT.code


def _number(text: str) -> tuple[Value, str | None]:
    """Return a number as JSON would hold it; what is none stays a text, for the model to refuse."""
    if _WHOLE.fullmatch(text):
        return int(text), None
    return float(text) if _FRACTION.fullmatch(text) else text, None


def _day(text: str) -> tuple[str, str | None]:
    """Return YYYY-MM-DD of the ways in which a day is written year first; others stay as they are."""
    found = _DAY.fullmatch(text)
    if found:
        month, day = found[3] or found[5], found[4] or found[6]
        return f"{found[1]}-{int(month):02d}-{int(day):02d}", None
    if _COMPACT_DAY.fullmatch(text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}", None
    if _BARE_NUMBER.fullmatch(text):
        return "", errors.DAY_AS_NUMBER.code
    return text, None


_READERS: Final[Mapping[str, Callable[[str], tuple[Value, str | None]]]] = {
    "day": _day,
    "moment": moment_text,
    "number": _number,
}
