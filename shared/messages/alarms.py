"""results-ingest to notifier: what somebody must act on. Always urgent; counts and ids, no names."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class AlarmRaised(Message, frozen=True):
    """A positive or indeterminate result, or such a pool.

    `kind` is `positive` or `pool`; `subject_type` is `person` (health-code id, else person id),
    `tube` for pools, `unit` for items and environment. `conflict` marks a positive that was held.
    `tube_id` tells a pool from an earlier one whose code was used before (contract §5: after 180 days).
    """

    name: ClassVar[str] = "alarm.raised"

    alarm_id: UUID
    kind: str
    result_id: UUID
    outcome: str
    subject_type: str
    subject_code: str
    person_ids: tuple[UUID, ...]
    unit_code: str | None
    lab_code: str
    collected_at: str
    tested_at: str
    received_at: str
    members: int = 0
    members_unknown: int = 0
    conflict: bool = False
    tube_id: UUID | None = None


class AlarmReviewed(Message, frozen=True):
    """What became of the result behind an alarm: `confirmed`, `refuted`, `released`, `replaced`."""

    name: ClassVar[str] = "alarm.reviewed"

    result_id: UUID
    revision: int
    verdict: str
    at: str


class RecheckOrdered(Message, frozen=True):
    """The members of a pool need a single test: the retained one, or a new one where there is none.

    `at` is the moment of the order, `due_at` its limit; without one the notifier has its own.
    """

    name: ClassVar[str] = "recheck.ordered"

    result_id: UUID
    tube_code: str
    site_code: str | None
    lab_code: str
    person_ids: tuple[UUID, ...]
    retained_tubes: tuple[str, ...]
    at: str
    due_at: str | None = None


class ResampleOrdered(Message, frozen=True):
    """An invalid sample must be taken again, by unit and site."""

    name: ClassVar[str] = "resample.ordered"

    result_id: UUID
    tube_code: str | None
    site_code: str | None
    unit_code: str | None
    lab_code: str
    person_ids: tuple[UUID, ...]
    at: str
