"""What a venue's samples are, and what its report counts. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

PERSON: Final = "person"
ENVIRONMENT: Final = ("environment", "surface")
COUNTED: Final = {"environment": "environment", "surface": "surfaces"}


def subject_of(kind: str) -> str:
    """Return the subject of the tube for a kind of sample."""
    if kind == PERSON:
        return PERSON
    return "environment" if kind in ENVIRONMENT else "item"


def counts_of(samples: Iterable[Any]) -> dict[str, int]:
    """Return what a report counts: people (人次), and samples (份) of environment, surfaces and goods."""
    counts = {"people": 0, "environment": 0, "surfaces": 0, "goods": 0}
    for sample in samples:
        if sample.kind == PERSON:
            counts["people"] += len(sample.members)
        else:
            counts[COUNTED.get(sample.kind, "goods")] += 1
    return counts


def may_be_reported(day: date, *, today: date, back: int) -> bool:
    """Say whether a day may be reported: today, or up to `back` days ago."""
    return today - timedelta(days=back) <= day <= today
