"""A sheet back as it was sent, with a verdict and what is wrong beside each row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from shared.errors import CATALOGUE, Language, RowError
from shared.sheets.cells import plain
from shared.sheets.columns import Column
from shared.sheets.rows import Format
from shared.sheets.writing import table

# The reader leaves these columns out, so that a corrected copy may be sent again as it is.
HEADS: Final[Mapping[Language, tuple[str, str]]] = {"zh": ("校验结果", "问题"), "en": ("Result", "Problems")}


@dataclass(frozen=True, slots=True)
class Judged:
    """A row as it was sent, its verdict in words, and what is wrong with it."""

    cells: Sequence[str]
    verdict: str
    errors: Sequence[RowError]


def annotated_sheet(
    form: Format,
    header: Sequence[str],
    columns: Sequence[Column | None],
    rows: Iterable[Judged],
    language: Language,
) -> bytes:
    """Return the copy; the columns of an earlier copy are left out."""
    added = {name for names in HEADS.values() for name in names}
    kept = [place for place, name in enumerate(header) if plain(name) not in added]
    file = BytesIO()
    shown = [plain(header[place]) for place in kept] + list(HEADS[language])
    places = {column.field: at for at, place in enumerate(kept) if (column := columns[place]) is not None}
    with table(file, form, shown, title=HEADS[language][0]) as sheet:
        for row in rows:
            values = [plain(row.cells[place]) if place < len(row.cells) else "" for place in kept]
            told = [row.verdict, _told(row.errors, columns, language)]
            marked = {places[error.field]: error for error in row.errors if error.field in places}
            sheet.add(values + told, marked=marked)
    return file.getvalue()


def _told(found: Sequence[RowError], columns: Sequence[Column | None], language: Language) -> str:
    """Return what is wrong with a row, in words."""
    names = {c.field: c.zh if language == "zh" else c.en for c in columns if c is not None}
    lines = []
    for error in found:
        text = CATALOGUE[error.code].text(language)
        name = names.get(error.field or "", error.field)
        lines.append(f"{name}: {text}" if name else text)
    return "; ".join(lines)
