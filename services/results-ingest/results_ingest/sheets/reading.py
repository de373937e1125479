"""What a sheet of results says: rows as JSON would send them, and what is wrong with cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from results_ingest.sheets import errors
from results_ingest.sheets.columns import BESIDE, COLUMNS, REVIEW
from shared.errors import RowError
from shared.sheets.cells import MARK, plain
from shared.sheets.columns import IGNORE, Column, Layout, layout_of, values_of
from shared.sheets.moments import bears_offset
from shared.sheets.rows import Format, Rows

Fault = tuple[str | None, str]


class Copy(msgspec.Struct):
    """The sheet as it was sent, for its annotated copy; `fields` of its columns, None for one left out."""

    format: Format
    header: list[str]
    fields: list[str | None]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A laboratory's own headers, values for every row, and words for choices; nothing if none are saved."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """Rows, numbered as a person sees them; `unreadable` cells by the row's place, from 1.

    An unreadable row holds what could be read; `cells` what it was, so that another one is not the same.
    """

    rows: list[dict[str, Any]]
    numbers: list[int]
    unreadable: dict[int, list[Fault]]
    cells: dict[int, list[str]]
    offset_assumed: bool
    copy: Copy


_MAPPING: Final = dict.fromkeys(BESIDE, IGNORE)


def said_by(rows: Rows, saved: Saved) -> Said:
    """Return what a sheet says; Problem 422 with everything that is wrong with its header."""
    columns = [_worded(column, saved.words.get(column.field)) for column in COLUMNS]
    layout = layout_of(rows, columns, mapping={**_MAPPING, **saved.columns}, constants=saved.constants)
    fields = [None if column is None else column.field for column in layout.columns]
    found = Said(
        [],
        rows.numbers[1:],
        {},
        {},
        _assumes(layout, rows),
        Copy(rows.format, rows.rows[0], fields, rows.rows[1:]),
    )
    for place, cells in enumerate(rows.rows[1:], start=1):
        row, wrong = _row(layout, cells)
        found.rows.append(row)
        if wrong:
            found.unreadable[place] = wrong
            found.cells[place] = cells
    return found


def faults_of(unreadable: Sequence[Fault], checked: object) -> list[Fault]:
    """Return the faults of unreadable cells and, of those that the rest has, what these do not explain."""
    known = {name for name, _ in unreadable}
    if None in known or not isinstance(checked, list):
        return list(unreadable)
    beside = [(name, code) for name, code in checked if name is not None and name not in known]
    return [*unreadable, *beside]


def _worded(column: Column, words: Mapping[str, str] | None) -> Column:
    return column if words is None else replace(column, choices={**column.choices, **words})


def _row(layout: Layout, cells: Sequence[str]) -> tuple[dict[str, Any], list[Fault]]:
    row, found = values_of(layout, cells, number=0)
    wrong = [(error.field, error.code) for error in found]
    if row is None:
        row = _readable(layout, cells, found)
    reviewed = row.pop(REVIEW, None)
    if reviewed is not None and row.get("outcome") not in (None, reviewed):
        wrong.append(("outcome", errors.REVIEWED_OTHERWISE.code))
    if "id_no" not in row and "id_type" in layout.constants:
        del row["id_type"]  # said of rows with a number
    return row, wrong


def _readable(layout: Layout, cells: Sequence[str], found: Sequence[RowError]) -> dict[str, Any]:
    wrong = {error.field for error in found}
    if None in wrong:
        return {}
    fields = {column.field for column in layout.columns if column is not None} | layout.constants.keys()
    row, _ = values_of(layout.only(fields - wrong), cells, number=0)
    return row or {}


def _assumes(layout: Layout, rows: Rows) -> bool:
    """Tell whether a time of the sheet bears no offset of its own."""
    times = [at for at, column in enumerate(layout.columns) if column is not None and column.type == "moment"]
    return any(
        at < len(cells)
        and cells[at].strip()
        and (cells[at].startswith(MARK) or not bears_offset(plain(cells[at])))
        for cells in rows.rows[1:]
        for at in times
    )
