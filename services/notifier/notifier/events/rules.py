"""Pure: how the clocks of an event stand, and who hears of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from notifier.contacts.rules import Body, Directory

Level = Literal["warning", "breach"]
CLOCKS: Final = ("national_report", "tracing")
LEVELS: Final = get_args(Level)


def clock_of(limit: Mapping[str, Any], *, recorded_at: datetime, suspected_at: datetime) -> dict[str, Any]:
    """Return a clock that begins: from the record of suspicion (1H.12), or from the suspicion itself."""
    starts_at = recorded_at if limit["starts"] == "recorded" else suspected_at
    due_at = starts_at + timedelta(minutes=limit["limit_minutes"])
    warn = limit["warn_minutes"]
    return {
        "clock": limit["clock"],
        "limit_minutes": limit["limit_minutes"],
        "starts_at": starts_at,
        "due_at": due_at,
        "next_at": due_at if warn is None else starts_at + timedelta(minutes=warn),
    }


def level(clock: Mapping[str, Any], *, now: datetime) -> Level:
    """Return what is to be told of a clock whose time has come; a breach overtakes its warning."""
    return "breach" if clock["due_at"] <= now else "warning"


def ended(clock: Mapping[str, Any], *, at: datetime) -> str:
    """Return how a clock ends that was closed at a time."""
    return "met" if at <= clock["due_at"] else "late"


def bodies(event: Mapping[str, Any], directory: Directory, *, breach: bool) -> tuple[Body, ...]:
    """Return who is told: the CDC, town and department; headquarters of a breach, or where nobody else is."""
    found = set(directory.cdc_bodies())
    if event["township_code"] is not None:
        found.add(Body("township", event["township_code"]))
    department = event["department_code"]
    if department is not None and department not in directory.cdc:
        found.add(Body("department", department))
    if breach or department is None:
        found.update(directory.headquarters_bodies())
    return tuple(sorted(found))


def same(stored: Mapping[str, Any], wanted: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Say whether what comes again is what stands."""
    return all(stored[name] == wanted[name] for name in names)
