"""When somebody named by a finding has been put right. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry.statuses.display import Status

COVERAGE: Final = "coverage"
FREQUENCY: Final = "frequency"

NOT_ENROLLED: Final = "not_enrolled"
NO_RECORD: Final = "no_record"
NEVER_TESTED: Final = "never_tested"
OVERDUE: Final = "overdue"
NOT_SAMPLED: Final = "not_sampled"
# Contract §6: overdue is `frequency`; never tested, at work and not enrolled, or short of a share `coverage`.
KIND_OF: Final = {
    NOT_ENROLLED: COVERAGE,
    NO_RECORD: COVERAGE,
    NEVER_TESTED: COVERAGE,
    OVERDUE: FREQUENCY,
    NOT_SAMPLED: COVERAGE,
}

TESTED: Final = "tested"
RELEASED: Final = "released"
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody named by a finding; without `person_id` the row of the spot check says who."""

    reason: str
    since: date
    person_id: UUID | None = None
    spot_row: int | None = None
    health_code_id: str | None = None


def settled_state(status: Status, counted_on: date | None, *, today: date) -> str:
    """Return somebody's due state by what is known of results: a sample under test has shown nothing yet."""
    if status.due_state == "due_soon" and (
        counted_on is None or (status.due_on is not None and today > status.due_on)
    ):
        return NEVER_TESTED if counted_on is None else OVERDUE
    return status.due_state


def outcome_of(reason: str, *, enrolled: bool, due_state: str | None) -> str | None:
    """Return how somebody's part of a finding has ended, None while it has not.

    Enrolling alone puts nobody right who was not tested; who has left or is exempt owes nothing more.
    """
    if not enrolled:
        return None if reason == NOT_ENROLLED else RELEASED
    if due_state in ("ok", "due_soon"):
        return TESTED
    return RELEASED if due_state == "not_required" else None
