"""Where a lot stands, and what keeps it from being released. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

BEFORE_ARRIVAL: Final = "lot_before_arrival"
NOT_REPORTED: Final = "lot_not_reported"
NOT_DISINFECTED: Final = "lot_not_disinfected"
NOT_SAMPLED: Final = "lot_not_sampled"
RESULT_MISSING: Final = "lot_result_missing"
NOT_NEGATIVE: Final = "lot_not_negative"

Goods = Literal["container", "cold_chain", "cold_chain_import", "other"]
Kind = Literal["reported", "disinfected", "released"]
"""A step of a lot."""


def lacking(lot: Mapping[str, Any]) -> list[str]:
    """Return what keeps a lot from being released: all of it, in the order of the work."""
    found = []
    if lot["reported_at"] is None:
        found.append(NOT_REPORTED)
    if lot["disinfected_at"] is None:
        found.append(NOT_DISINFECTED)
    if not lot["samples"]:
        found.append(NOT_SAMPLED)
    if lot["resulted"] < lot["samples"]:
        found.append(RESULT_MISSING)
    if lot["not_negative"]:
        found.append(NOT_NEGATIVE)
    return found


def may_be(kind: Kind, at: datetime, *, arrived_at: datetime) -> bool:
    """Say whether a step may have been at a time: goods are reported before they come, the rest follows."""
    return kind == "reported" or at >= arrived_at
