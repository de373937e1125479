"""How large a sheet may be (reliability §4); each is a setting."""

from dataclasses import dataclass
from typing import Final

from shared.errors import TOO_MANY_ROWS, Problem
from shared.sheets.errors import TOO_MANY_CELLS, TOO_MANY_COLUMNS

MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one sheet, and of the process that reads it; sizes in bytes."""

    bytes: int = 50 * MEGABYTE
    unpacked: int = 300 * MEGABYTE
    parts: int = 200
    rows: int = 200_000
    columns: int = 200
    cells: int = 4_000_000
    cell: int = 32_767
    memory: int = 1024 * MEGABYTE
    seconds: int = 30

    def check(self, *, rows: int = 0, columns: int = 0, cells: int = 0) -> None:
        """Refuse what is more; `rows` without the header. Problem 413."""
        if rows > self.rows:
            raise Problem(TOO_MANY_ROWS, limit=self.rows)
        if columns > self.columns:
            raise Problem(TOO_MANY_COLUMNS, limit=self.columns)
        if cells > self.cells:
            raise Problem(TOO_MANY_CELLS, limit=self.cells)
