"""What reading a file gives, before anybody knows what its columns mean."""

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["csv", "xlsx"]


@dataclass(slots=True)
class Rows:
    """Rows that hold anything, the header first, with the numbers that a person sees (from 1).

    `proved`: the charset was declared or proves itself. `merged`: columns of merged header cells.
    """

    format: Format
    charset: str = "utf-8"
    proved: bool = True
    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    merged: list[int] = field(default_factory=list)
