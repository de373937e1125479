"""What may happen to a round, and how a grid of it stands. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

PLANNED: Final = "planned"
ACTIVE: Final = "active"
CLOSED: Final = "closed"
CANCELLED: Final = "cancelled"

_STEPS: Final[Mapping[str, tuple[str, str]]] = {
    "activation": (PLANNED, ACTIVE),
    "closing": (ACTIVE, CLOSED),
    "cancellation": (PLANNED, CANCELLED),
}


def after(state: str, step: str) -> str | None:
    """Return the state after a step, the same one where the step was taken before; None if it may not be."""
    before, then = _STEPS[step]
    return then if state in (before, then) else None


def setup_due(activated_at: datetime | None, setup_hours: float) -> datetime | None:
    """Return when every sampling point must be ready (requirements row 84)."""
    return None if activated_at is None else activated_at + timedelta(hours=setup_hours)


def readiness(ready_at: datetime | None, due_at: datetime | None, now: datetime) -> str:
    """Return `ready`, `ready_late`, `waiting` or `late`; the moment itself is in time."""
    if due_at is None:
        return "waiting"
    if ready_at is None:
        return "late" if now > due_at else "waiting"
    return "ready_late" if ready_at > due_at else "ready"


def window(stored: Mapping[str, Any]) -> tuple[datetime, datetime | None]:
    """Return from when on and until when samples belong to a round: until its end, if it has ended."""
    return stored["starts_at"], stored["ended_at"]


def coverage(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts of a grid, or of several: people, each counted once (requirements row 87).

    `expected` is the head count, or the residents where more are known by name; `missing` are
    residents without a sample, `unnamed` heads that nobody has named. Null until all were counted.
    """
    if row["counted_at"] is None:
        return dict.fromkeys(("expected", "residents", "sampled", "resulted", "missing", "unnamed", "share"))
    expected, residents, sampled = int(row["expected"]), int(row["residents"]), int(row["sampled"])
    return {
        "expected": expected,
        "residents": residents,
        "sampled": sampled,
        "resulted": int(row["resulted"]),
        "missing": residents - sampled,
        "unnamed": expected - residents,
        "share": round(sampled / expected, 4) if expected else None,
    }
