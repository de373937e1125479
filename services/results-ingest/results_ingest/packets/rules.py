"""Which counts of a packet disagree, and whether a step's time fits between the others. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Fault = tuple[str | None, str]
"""(field, code)."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The three counts of a handover (requirements row 65) and what they are compared with.

    `listed`: tubes of the list with those found besides; `missing` and `extra` are named tubes;
    `electronic`: tubes that are registered with their people.
    """

    listed: int
    missing: int
    extra: int
    samples: int
    paper_forms: int
    electronic: int


def differences(counts: Counts, *, explained: bool) -> list[dict[str, Any]]:
    """Return what keeps a packet from being closed; `explained`: somebody answered for missing and extra."""
    compared = (
        ("samples", counts.samples, counts.listed - counts.missing),
        ("paper_forms", counts.paper_forms, counts.listed),
        ("electronic", counts.electronic, counts.listed),
        ("missing", counts.missing, counts.missing if explained else 0),
        ("extra", counts.extra, counts.extra if explained else 0),
    )
    return [
        {"count": name, "stated": stated, "expected": expected}
        for name, stated, expected in compared
        if stated != expected
    ]


def list_faults(tube_codes: Sequence[str], *, sealed_at: datetime, latest: datetime) -> list[Fault]:
    """Return what is wrong with a packet in itself; `latest`: the last moment that may be named."""
    faults: list[Fault] = []
    if sealed_at > latest:
        faults.append(("sealed_at", "time_in_future"))
    seen: set[str] = set()
    for place, code in enumerate(tube_codes):
        if code in seen:
            faults.append((f"tube_codes.{place}", "tube_repeated"))
        seen.add(code)
    return faults


def time_faults(
    field: str,
    at: datetime,
    *,
    earlier: Sequence[datetime | None],
    later: Sequence[datetime | None],
    now: datetime,
    ahead: timedelta,
) -> list[Fault]:
    """Return why a step cannot have been at this time: steps may be told of late, never out of order."""
    if at > now + ahead:
        return [(field, "time_in_future")]
    if any(each is not None and at < each for each in earlier):
        return [(field, "step_before_earlier")]
    if any(each is not None and at > each for each in later):
        return [(field, "step_after_later")]
    return []
