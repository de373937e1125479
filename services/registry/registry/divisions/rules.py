"""What a division code says, and what may be written about a division. Pure.

The codes are those of the statistics of divisions: six digits for a district or county, and three
more each for township, community and grid. A code names its level and its parent by itself.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

LEVELS: Final = {6: "district", 9: "township", 12: "community", 15: "grid"}
GRID: Final = "grid"
TOWNSHIP: Final = "township"
GRID_FIELDS: Final = ("head_count", "counted_on", "lab_code", "team_code")
NEEDED_FOR_A_ROUND: Final = ("head_count", "lab_code", "team_code")
"""What a grid must have before a round may start in it (requirements row 51)."""

NOT_AT_THIS_LEVEL: Final = "not_at_this_level"
UNKNOWN_PARENT: Final = "unknown_parent_division"
UNKNOWN_TEAM: Final = "unknown_team_code"
AREA_OUTSIDE: Final = "area_outside"
FIELD_REQUIRED: Final = "field_required"
UNKNOWN_TOWNSHIP: Final = "unknown_township_code"
NOT_A_TOWNSHIP: Final = "not_a_township"


@dataclass(frozen=True, slots=True)
class Known:
    """What rows are judged against: levels of departments by code, teams, and the caller's area."""

    department_levels: Mapping[str, str]
    teams: AbstractSet[str]
    limited: bool
    township: str | None


def level_of(division_code: str) -> str:
    """Return the level that a well-formed code names."""
    return LEVELS[len(division_code)]


def parent_of(division_code: str) -> str | None:
    """Return the code of the parent; None for a district."""
    return division_code[:-3] or None if len(division_code) > min(LEVELS) else None


def missing_of(division: Mapping[str, Any]) -> list[str]:
    """Return what a grid lacks for a round; nothing is needed of the other levels."""
    if level_of(division["division_code"]) != GRID:
        return []
    return [field for field in NEEDED_FOR_A_ROUND if division[field] is None]


def merged(
    row: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
    parent: Mapping[str, Any] | None,
    known: Known,
) -> dict[str, Any] | tuple[str, str]:
    """Return a division as a row leaves it, or (field, code) of what is wrong.

    `row` holds the fields that were sent; what was not sent stays, null clears. A division below the
    township lies where its parent lies.
    """
    code = row["division_code"]
    level = level_of(code)
    refused = _refused_fields(row, level) or _unknown(row, stored, parent, known, level)
    if refused is not None:
        return refused
    place = _township_of(row, stored, parent, level)
    if isinstance(place, tuple):
        return place
    # What lies elsewhere already is not to be moved here either.
    places = {place, stored["township_code"] if stored else place}
    if known.limited and (level in ("district", TOWNSHIP) or places != {known.township}):
        return ("division_code", AREA_OUTSIDE)
    blank = dict.fromkeys(("name", *GRID_FIELDS))
    before = blank if stored is None else {field: stored[field] for field in blank}
    sent = {field: row[field] for field in blank if field in row}
    return {**before, **sent, "division_code": code, "township_code": place}


def _refused_fields(row: Mapping[str, Any], level: str) -> tuple[str, str] | None:
    for field in GRID_FIELDS:
        if level != GRID and row.get(field) is not None:
            return (field, NOT_AT_THIS_LEVEL)
    if level != TOWNSHIP and row.get("township_code") is not None:
        return ("township_code", NOT_AT_THIS_LEVEL)
    return None


def _unknown(
    row: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
    parent: Mapping[str, Any] | None,
    known: Known,
    level: str,
) -> tuple[str, str] | None:
    if (stored is None or "name" in row) and row.get("name") is None:
        return ("name", FIELD_REQUIRED)
    if level != "district" and parent is None:
        return ("division_code", UNKNOWN_PARENT)
    team = row.get("team_code")
    if team is not None and team not in known.teams:
        return ("team_code", UNKNOWN_TEAM)
    township = row.get("township_code")
    if township is not None and township not in known.department_levels:
        return ("township_code", UNKNOWN_TOWNSHIP)
    if township is not None and known.department_levels[township] != TOWNSHIP:
        return ("township_code", NOT_A_TOWNSHIP)
    return None


def _township_of(
    row: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
    parent: Mapping[str, Any] | None,
    level: str,
) -> str | tuple[str, str] | None:
    if level == "district":
        return None
    if level != TOWNSHIP:
        return None if parent is None else parent["township_code"]
    place = row.get("township_code") or (stored and stored["township_code"])
    return place or ("township_code", FIELD_REQUIRED)
