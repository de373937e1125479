"""registry to notifier: which units were in breach when a week ended, and why. Ids and counts, no names."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class BreachedPerson(msgspec.Struct, frozen=True):
    """Somebody whom a week's breach names; `reason`: `overdue`, `never_tested`, `not_enrolled`.

    `since` is the first day that counts against the unit: the day after the due date, the first day of
    duty, or the day somebody was found at work. `person_id` is null for people whom registry does not know.
    """

    reason: str
    since: str
    category_code: str | None = None
    person_id: UUID | None = None
    health_code_id: str | None = None


class BreachedShare(msgspec.Struct, frozen=True):
    """A group that a period ended without enough people sampled, not made up by the end of the Sunday.

    `check`: `share` or `cover`; `department_in_unit` is empty for the unit as a whole.
    """

    finding_id: UUID
    check: str
    department_in_unit: str
    category_code: str
    percent: int
    numerator: int
    denominator: int
    period_from: str
    period_to: str


class WeekBreached(Message, frozen=True):
    """A unit was in breach at the end of a Sunday (contract §6); once for a unit and week.

    `week` is its Monday; `kinds` is a sorted part of `coverage`, `frequency`. Township and department are
    those of the Sunday's end. `people_total` counts everybody, though `people` names the worst only.
    """

    name: ClassVar[str] = "week.breached"

    breach_id: UUID
    week: str
    unit_code: str
    township_code: str | None
    department_code: str | None
    kinds: tuple[str, ...]
    people: tuple[BreachedPerson, ...]
    shares: tuple[BreachedShare, ...]
    people_total: int
    judged_at: str


class WeekJudged(Message, frozen=True):
    """Every unit's week has been judged: `units` of them, `breached` in breach. Once for a week."""

    name: ClassVar[str] = "week.judged"

    week: str
    evaluation_id: UUID
    judged_at: str
    units: int
    breached: int
