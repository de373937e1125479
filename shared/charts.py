"""A chart and the table of the same numbers: what a page draws and a sheet holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["share", "count", "hours"]
Value = float | int | None
NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """One number of each row: its header, and what it is a number of."""

    zh: str
    en: str
    unit: Unit = "count"


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows with their numbers, of which the column `plotted` is drawn: as bars, or as a line through time.

    `first` names what the rows are. `note`: what is to be known beside it.
    """

    zh: str
    en: str
    kind: Literal["bars", "line"]
    first: Column
    columns: Sequence[Column]
    rows: Sequence[tuple[str, Sequence[Value]]]
    plotted: int = 0
    note_zh: str = ""
    note_en: str = ""

    @property
    def values(self) -> list[Value]:
        """Return the numbers that are drawn."""
        return [numbers[self.plotted] for _, numbers in self.rows]

    @property
    def largest(self) -> float:
        """Return the upper end of the scale; a share's is one."""
        if self.columns[self.plotted].unit == "share":
            return 1
        return max((value for value in self.values if value is not None), default=0) or 1


def shown(value: Value, unit: Unit) -> str:
    """Return a number as people read it; nothing where there is none to divide."""
    if value is None:
        return NOTHING
    if unit == "share":
        return f"{value * 100:.1f}%"
    return f"{value:.1f}" if unit == "hours" else f"{value:,}"
