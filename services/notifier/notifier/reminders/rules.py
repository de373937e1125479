"""Pure: stages of a person's period, and what a unit's reminder of one day says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

STAGES: Final = {"due_soon": 1, "due": 2, "overdue": 3}
KINDS: Final = {1: "reminder.due_soon", 2: "reminder.due", 3: "reminder.overdue"}
MOST_NAMES: Final = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody to be reminded of on a day; `name_masked` is None until their contact has come."""

    person_id: UUID
    code: str
    name_masked: str | None
    has_phone: bool
    category_code: str
    due_on: date
    due_state: str
    stage: int
    day: date
    as_of: datetime


def evidence(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return the people of a unit's reminder, by code and masked name."""
    return {
        "day": entries[0].day.isoformat(),
        "people": [
            {
                "code": one.code,
                "name_masked": one.name_masked,
                "category_code": one.category_code,
                "due_on": one.due_on.isoformat(),
                "due_state": one.due_state,
                "days_overdue": max((one.day - one.due_on).days, 0),
            }
            for one in entries
        ],
    }


def unit_facts(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return what a unit's text is rendered from; long lists are cut short, the evidence is not."""
    people = [
        {"code": one.code, "name_masked": one.name_masked, "due_on": one.due_on.isoformat()}
        for one in entries[:MOST_NAMES]
    ]
    return {"people": people, "count": len(entries)}


def period_key(entry: Entry) -> str:
    """Return what makes a person be told once per period and stage, under whatever health code."""
    return f"person:{entry.person_id}:{entry.category_code}:{entry.due_on.isoformat()}"


def unit_key(unit_code: str, day: date) -> str:
    """Return what makes a unit be told once per kind and day."""
    return f"unit:{unit_code}:{day.isoformat()}"
