"""Pure: what an alert stands at, whom it concerns, and what its notices say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from notifier.contacts.rules import Body, Directory

Standing = Literal["provisional", "confirmed", "released", "refuted", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """One result behind an alert, with the verdict on it so far."""

    result_id: UUID
    outcome: str
    verdict: str | None
    person_ids: tuple[UUID, ...]
    unit_code: str | None
    lab_code: str
    collected_at: datetime
    tested_at: datetime
    members: int
    members_unknown: int
    conflict: bool


def standing(alarms: Sequence[Alarm]) -> Standing:
    """Return where the results behind an alert leave it, whatever order they came in."""
    verdicts = {alarm.verdict for alarm in alarms}
    if "confirmed" in verdicts:
        return "confirmed"
    if None in verdicts:
        return "provisional"
    if "released" in verdicts:
        return "released"
    return "withdrawn" if verdicts == {"replaced"} else "refuted"


def is_revoked(state: Standing) -> bool:
    """Say whether the notices of an alert are taken back."""
    return state in ("refuted", "withdrawn")


def is_closed(state: Standing) -> bool:
    """Say whether a later positive is a new alert: a corrected one may still be the same."""
    return state in ("refuted", "released")


def bodies(kind: str, alarms: Iterable[Alarm], directory: Directory) -> dict[Body, int | None]:
    """Return whom to alert and, for a pool, how many of its members each answers for.

    Never the unit itself. Items and environment have no people: their unit stands in.
    """
    people = frozenset[UUID]().union(*(alarm.person_ids for alarm in alarms))
    found: dict[Body, int | None] = dict.fromkeys(directory.cdc_bodies())
    found.update(directory.over_people(sorted(people)))
    if not people:
        for alarm in alarms:
            found.update(dict.fromkeys(directory.over_unit(alarm.unit_code)))
    return found if kind == "alert.pool" else dict.fromkeys(found)


def leading(alarms: Sequence[Alarm], state: Standing) -> Alarm:
    """Return the result that speaks for the alert: a confirmed one, else the newest, best known one."""
    wanted: dict[Standing, tuple[str | None, ...]] = {
        "confirmed": ("confirmed",),
        "provisional": (None,),
        "released": ("released",),
        "refuted": ("refuted",),
        "withdrawn": ("replaced",),
    }
    chosen = [alarm for alarm in alarms if alarm.verdict in wanted[state]]
    return max(chosen, key=lambda one: (one.collected_at, one.tested_at, one.result_id, -one.members_unknown))


def evidence(alarm: Alarm, state: Standing, *, kind: str, subject: str, here: int | None) -> dict[str, Any]:
    """Return the facts of a notice: ids, counts and times, no name."""
    facts: dict[str, Any] = {
        "result_id": str(alarm.result_id),
        "outcome": alarm.outcome,
        "standing": state,
        "lab_code": alarm.lab_code,
        "collected_at": alarm.collected_at.isoformat(),
        "tested_at": alarm.tested_at.isoformat(),
        "conflict": alarm.conflict,
    }
    if kind == "alert.pool":
        facts |= {"tube_code": subject, "members": alarm.members, "members_unknown": alarm.members_unknown}
        facts |= {} if here is None else {"members_here": here}
    return facts
