"""One cell as a text that says what kind of cell it was; pure.

A text stands for itself. What a spreadsheet keeps as something else is marked, so that nothing is taken
for a text that Excel has turned into a number or a day. The mark is a character that no text may hold.
"""

from datetime import date, datetime, time, timedelta
from typing import Final

MARK: Final = "\x00"
NUMBER: Final = "\x00n"
DAY: Final = "\x00d"
MOMENT: Final = "\x00m"
TEXT: Final = "\x00t"
OTHER: Final = "\x00x"
FAILED: Final = "\x00e"
# From here on a double no longer tells neighbouring whole numbers apart as Excel shows them: 15 digits.
INEXACT: Final = 1e15
# What makes a spreadsheet run a text as a formula (ASVS 1.2.10), half and full width.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def cell_of(value: object) -> str:
    """Return a value as a workbook holds it."""
    match value:
        case None | "":
            return ""
        case str():
            return TEXT + value if value.startswith(MARK) else value
        case bool() | time() | timedelta():
            return OTHER
        case int() | float():
            return NUMBER + number_text(value)
        case datetime() if value.time() != time():
            return MOMENT + _to_the_second(value).isoformat()
        case datetime():
            return DAY + value.date().isoformat()
        case date():
            return DAY + value.isoformat()
        case _:
            return OTHER


def _to_the_second(value: datetime) -> datetime:
    """Return the second that was typed: a workbook keeps a moment as a fraction of a day."""
    return (value + timedelta(milliseconds=500)).replace(microsecond=0)


def number_text(value: float) -> str:
    """Return a number as a person would type it; one that is no longer exact with its exponent."""
    if value != value or abs(value) >= INEXACT:  # noqa: PLR0124 - NaN alone differs from itself
        return f"{value:E}"
    return str(int(value)) if value == int(value) else repr(value)


def plain(cell: str) -> str:
    """Return what a person sees in a cell."""
    return cell[2:] if cell.startswith(MARK) else cell


def shielded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; `unshielded` undoes it."""
    return f"'{text}" if text.startswith(FORMULA) else text


def unshielded(text: str) -> str:
    """Return a text without the apostrophe that keeps it from being a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def letter_of(column: int) -> str:
    """Return the letters of a column, counted from 0: A, B, …, Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(letters: str) -> int:
    """Return the number of a column, counted from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
