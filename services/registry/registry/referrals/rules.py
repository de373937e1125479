"""Where a referral stands. Pure."""

from typing import Final

OPEN: Final = "open"
ARRIVED: Final = "arrived"
LOST: Final = "lost"
CLOSED: Final = "closed"
CANCELLED: Final = "cancelled"
RUNNING: Final = (OPEN, ARRIVED, LOST)


def may_arrive(state: str) -> bool:
    """Tell whether an arrival may be recorded; whoever was given up may still turn up."""
    return state in (OPEN, LOST)


def held(state: str) -> bool:
    """Tell whether the patient is kept at the clinic until there is a result (row 70)."""
    return state == ARRIVED
