"""Templates to fill in: the columns of a kind as text cells, with choices to pick and a page of notes.

What a template holds is read back by the same columns; a test fills in each one and imports it.
"""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

from shared.errors import Language
from shared.sheets.columns import Column
from shared.sheets.rows import Format

_WIDTH: Final = 20
_LAST_ROW: Final = 1_048_575
_HEADS: Final = {
    "zh": ("列名", "必填", "可填内容", "示例", "字段"),
    "en": ("Column", "Required", "Choices", "Example", "Field"),
}
_YES: Final = {"zh": "是", "en": "yes"}
_NOTES: Final = {"zh": "说明", "en": "Notes"}
# Excel takes at most 255 characters of choices in a list.
_LONGEST_LIST: Final = 255


def template(columns: Sequence[Column], form: Format, language: Language, *, title: str) -> bytes:
    """Return an empty sheet of these columns; required ones bear an asterisk."""
    if form == "csv":
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow([heading(c, language) for c in columns])
        return text.getvalue().encode("utf-8-sig")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        _fill_in(book, columns, language, title)
        _notes(book, columns, language)
    return file.getvalue()


def heading(column: Column, language: Language) -> str:
    """Return a column's name in a template."""
    name = column.zh if language == "zh" else column.en
    return f"{name}*" if column.required else name


def choices_of(column: Column, language: Language) -> list[str]:
    """Return what a person may pick: one word for each value, in a language."""
    wanted = [word for word in column.choices if word.isascii() == (language == "en")]
    words: dict[str, str] = {}
    for word in wanted:
        words.setdefault(column.choices[word], word)
    return list(words.values())


def _fill_in(
    book: Any,  # noqa: ANN401 - the library has no types
    columns: Sequence[Column],
    language: Language,
    title: str,
) -> None:
    sheet = book.add_worksheet(title)
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"num_format": "@", "bold": True, "bg_color": "#DDEBF7"})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _WIDTH, text)
        sheet.write_string(0, place, heading(column, language), bold)
        sheet.write_comment(0, place, column.example)
        words = choices_of(column, language)
        if words and len(",".join(words)) <= _LONGEST_LIST:
            sheet.data_validation(1, place, _LAST_ROW, place, {"validate": "list", "source": words})


def _notes(
    book: Any,  # noqa: ANN401 - the library has no types
    columns: Sequence[Column],
    language: Language,
) -> None:
    sheet = book.add_worksheet(_NOTES[language])
    text = book.add_format({"num_format": "@"})
    sheet.set_column(0, len(_HEADS[language]) - 1, _WIDTH, text)
    sheet.write_row(0, 0, _HEADS[language])
    for number, column in enumerate(columns, start=1):
        name = heading(column, language)
        required = _YES[language] if column.required else ""
        told = (name, required, ", ".join(choices_of(column, language)), column.example, column.field)
        for place, value in enumerate(told):
            sheet.write_string(number, place, value, text)
