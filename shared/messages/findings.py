"""registry to notifier: what was found wrong at a unit, and how it ended. Ids and counts, no names."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class FoundPerson(msgspec.Struct, frozen=True):
    """Somebody a finding names; `person_id` is null for people whom registry does not know."""

    reason: str
    since: str
    person_id: UUID | None = None
    health_code_id: str | None = None


class FindingRecorded(Message, frozen=True):
    """A unit's breach (requirements row 35): `kind` is `coverage` or `frequency`, with people and period.

    Days are Asia/Shanghai days, both included.
    """

    name: ClassVar[str] = "finding.recorded"

    finding_id: UUID
    kind: str
    source: str
    unit_code: str
    period_from: str
    period_to: str
    found_at: str
    people: tuple[FoundPerson, ...]


class ShareMissed(Message, frozen=True):
    """A group of a unit that a period ended without enough people sampled (requirements rows 11-13).

    `check`: `share` or `cover`; `department_in_unit` is empty for the unit as a whole. `people`: who was not
    sampled. Its end is told by `finding.ended`.
    """

    name: ClassVar[str] = "share.missed"

    finding_id: UUID
    unit_code: str
    department_in_unit: str
    category_code: str
    check: str
    period_from: str
    period_to: str
    percent: int
    numerator: int
    denominator: int
    found_at: str
    people: tuple[FoundPerson, ...]


class FindingEnded(Message, frozen=True):
    """A finding is `closed` (put right) or `withdrawn` (it was none)."""

    name: ClassVar[str] = "finding.ended"

    finding_id: UUID
    state: str
    at: str
