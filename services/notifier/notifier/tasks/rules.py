"""Pure: who has to carry out a re-check or a re-sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from notifier.contacts.rules import Body, Directory


@dataclass(frozen=True, slots=True)
class Task:
    """What was ordered. A re-check names the pool's tube, a re-sample the invalid one, if any."""

    kind: str
    result_id: UUID
    tube_code: str | None
    site_code: str | None
    unit_code: str | None
    lab_code: str
    person_ids: tuple[UUID, ...]
    retained_tubes: tuple[str, ...]
    due_at: datetime | None


def is_void(verdict: str | None) -> bool:
    """Say whether nothing is left to do: the result was replaced, or review has refuted it."""
    return verdict in ("replaced", "refuted")


def bodies(task: Task, directory: Directory) -> tuple[Body, ...]:
    """Return who is told: never nobody."""
    return (
        recheck_bodies(task, directory) if task.kind == "task.recheck" else resample_bodies(task, directory)
    )


def recheck_bodies(task: Task, directory: Directory) -> tuple[Body, ...]:
    """The lab that keeps the retained singles, else the site; the CDC; the members' townships."""
    found = [*directory.cdc_bodies()]
    if task.retained_tubes:
        found.append(Body("lab", task.lab_code))
    if task.site_code is not None:
        found.append(Body("site", task.site_code))
    found += sorted(body for body in directory.over_people(task.person_ids) if body.type == "township")
    return tuple(found)


def resample_bodies(task: Task, directory: Directory) -> tuple[Body, ...]:
    """The unit, or the people's units, and the site; the CDC where the order names neither.

    What the order names decides that, not who happens to be known already.
    """
    units = {task.unit_code} if task.unit_code else _units_of(task.person_ids, directory)
    found = [Body("unit", code) for code in sorted(units)]
    if task.site_code is not None:
        found.append(Body("site", task.site_code))
    if task.unit_code is None and task.site_code is None:
        found += directory.cdc_bodies()
    return tuple(found)


def people_of(body: Body, person_ids: Sequence[UUID], directory: Directory) -> tuple[UUID, ...]:
    """Return whom a body reads of: units and townships of their own people, the others of everybody."""
    if body.type == "unit":
        return tuple(one for one in person_ids if body.code in directory.people.get(one, ()))
    if body.type == "township":
        return tuple(one for one in person_ids if body in directory.over_people([one]))
    return tuple(person_ids)


def _units_of(person_ids: Sequence[UUID], directory: Directory) -> set[str]:
    return {code for person in person_ids for code in directory.people.get(person, ())}


def evidence(task: Task, codes: Sequence[str]) -> dict[str, Any]:
    """Return the facts of a task; people by health-code id, else person id."""
    facts: dict[str, Any] = {
        "result_id": str(task.result_id),
        "tube_code": task.tube_code,
        "lab_code": task.lab_code,
        "site_code": task.site_code,
        "people": list(codes),
    }
    if task.kind == "task.recheck":
        facts["retained_tubes"] = list(task.retained_tubes)
        facts["due_at"] = task.due_at.isoformat() if task.due_at else None
    return facts
