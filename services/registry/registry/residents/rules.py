"""Where a person lives after a row about it. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final

MOVED_BEFORE: Final = "residence_before_last"
NOWHERE: Final = "not_a_resident"


@dataclass(frozen=True, slots=True)
class Residence:
    """A grid and the first day there."""

    grid_code: str
    from_on: date


def moved(
    current: Residence | None, grid_code: str | None, from_on: date, *, left: Residence | None = None
) -> Residence | tuple[str, str] | None:
    """Return the residence from a day on, None for nowhere; (field, code) where it cannot be.

    The same grid again changes nothing, whatever the day. `left`: the residence that an earlier row of the
    same list has ended; it ends when the next one begins, and so begins no later than that.
    """
    if current is not None and current.grid_code == grid_code:
        return current
    if current is None and grid_code is None:
        return ("grid_code", NOWHERE)
    last = current or left
    if last is not None and from_on < last.from_on:
        return ("from_on", MOVED_BEFORE)
    return None if grid_code is None else Residence(grid_code, from_on)
