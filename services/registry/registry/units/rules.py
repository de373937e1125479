"""Which industry a code means, and which department answers for it. Pure."""

import re
from collections.abc import Iterable
from collections.abc import Mapping as Attributes
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# GB/T 4754-2017: section letter and the first and last of its two-digit divisions.
SECTIONS: Final = {
    "A": (1, 5),
    "B": (6, 12),
    "C": (13, 43),
    "D": (44, 46),
    "E": (47, 50),
    "F": (51, 52),
    "G": (53, 60),
    "H": (61, 62),
    "I": (63, 65),
    "J": (66, 69),
    "K": (70, 70),
    "L": (71, 72),
    "M": (73, 75),
    "N": (76, 79),
    "O": (80, 82),
    "P": (83, 83),
    "Q": (84, 85),
    "R": (86, 90),
    "S": (91, 96),
    "T": (97, 97),
}
_CODE = re.compile(r"([A-T])?([0-9]{2,4})", re.ASCII)
_DIVISIONS: Final = {
    division: letter for letter, (first, last) in SECTIONS.items() for division in range(first, last + 1)
}

UNMAPPED: Final = "department_unmapped"
AMBIGUOUS: Final = "department_ambiguous"
UNSTATED: Final = "attribute_unstated"
OWN_DEPARTMENT: Final = "department_is_unit"
GIVEN: Final = "given"
NO_ATTRIBUTES: Final[Attributes[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Mapping:
    """A row of the industry map that is in force; with a dimension it holds for units of that value only."""

    map_id: int
    prefix: str
    department_code: str
    dimension: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The responsible department, why, and what is wrong."""

    department_code: str | None
    basis: str
    defects: tuple[str, ...] = ()


def industry_key(code: str) -> str | None:
    """Return section letter and digits of a code such as `6210` or `H6210`; None if it is no code."""
    match = _CODE.fullmatch(code)
    if match is None:
        return None
    section = _DIVISIONS.get(int(match[2][:2]))
    if section is None or (match[1] is not None and match[1] != section):
        return None
    return section + match[2]


def prefix_key(code: str) -> str | None:
    """Return the form under which a map row is kept: a section letter alone, or an industry's key."""
    return code if code in SECTIONS else industry_key(code)


def decide(
    key: str,
    given: str | None,
    rows: Iterable[Mapping],
    attributes: Attributes[str, str] = NO_ATTRIBUTES,
    *,
    unit_code: str | None = None,
) -> Decision:
    """Return who answers for an industry: the given department, else the map's.

    A row with an attribute that the unit has comes before rows without one, then the longest prefix.
    Exactly one distinct department decides; none, several, an attribute on which it hangs and which the
    unit does not state, or the unit itself are a defect (requirements 1H.6, norms 2F): nobody is guessed.
    """
    if given is not None:
        return Decision(given, GIVEN)
    matching = [row for row in rows if key.startswith(row.prefix)]
    if any(row.dimension is not None and row.dimension not in attributes for row in matching):
        return Decision(None, UNSTATED, (UNSTATED,))
    matching = [row for row in matching if row.dimension is None or attributes[row.dimension] == row.value]
    matching = [row for row in matching if row.dimension is not None] or matching
    if not matching:
        return Decision(None, UNMAPPED, (UNMAPPED,))
    longest = max(len(row.prefix) for row in matching)
    deciding = [row for row in matching if len(row.prefix) == longest]
    basis = "map:" + ",".join(str(row.map_id) for row in sorted(deciding, key=lambda row: row.map_id))
    departments = {row.department_code for row in deciding}
    if len(departments) > 1:
        return Decision(None, basis, (AMBIGUOUS,))
    department = departments.pop()
    return (
        Decision(None, basis, (OWN_DEPARTMENT,)) if department == unit_code else Decision(department, basis)
    )
