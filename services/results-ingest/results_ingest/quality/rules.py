"""Which kind of fault a code is (requirements row 79). Pure."""

from typing import Final, Literal

Kind = Literal[
    "bad_number", "duplicate_sample", "impossible_time", "unknown_code", "contradiction", "malformed"
]

KINDS: Final[dict[Kind, frozenset[str]]] = {
    "bad_number": frozenset(
        {
            "id_no_malformed", "id_no_checksum", "id_no_birth_date", "health_code_malformed",
            "health_code_id_is_personal", "identifier_missing",
        }
    ),
    "duplicate_sample": frozenset({"duplicate_row", "conflicting_outcome", "second_lab", "same_sample"}),
    "impossible_time": frozenset(
        {
            "time_malformed", "time_naive", "time_before_2020", "time_in_future", "tested_before_collected",
            "stamp_reversed",
        }
    ),
    "unknown_code": frozenset(
        {"not_allowed", "corrects_not_found", "tube_not_bound", "person_unknown", "member_unknown"}
    ),
    "contradiction": frozenset(
        {
            "identifiers_contradict", "name_mismatch", "mode_mismatch", "tube_code_reused", "unexpected_lab",
        }
    ),
}  # fmt: skip
"""What is in none of these is malformed: a field that is missing, unknown, or of another type."""

IDENTIFIERS: Final = ("id_no", "id_type", "health_code_id", "tube_code")
"""Whatever is wrong with one of these fields of a refused row is a bad number."""


def kinds_of_codes() -> dict[str, Kind]:
    """Return the kind of each code that has one."""
    return {code: kind for kind, codes in KINDS.items() for code in codes}
