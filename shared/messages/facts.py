"""results-ingest to registry: what happened to people's samples.

Facts are added, never changed, and each has an id of its own, so they may arrive in any order and
any number of times: what a person's status is follows from the set of facts alone.
"""

from typing import Any, ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class Sample(msgspec.Struct, frozen=True):
    """A person is bound to a tube. Times are RFC 3339 with offset."""

    person_id: UUID
    tube_id: UUID
    tube_code: str
    mode: str
    collected_at: str
    lab_code: str | None = None
    paired_with: str | None = None
    result_due_at: str | None = None


class SamplesBound(Message, frozen=True):
    """People bound to tubes; `result_due_at` is the lab's limit (requirements 1H.12)."""

    name: ClassVar[str] = "samples.bound"

    samples: tuple[Sample, ...]


class ResultsApplied(Message, frozen=True):
    """Results of one lab as they concern people, as columns, at most 5,000 rows.

    A column is as long as `person_id`, or holds one value for all rows, or, where it is optional,
    nothing at all: nearly all results are plain negatives that have no more to say.
    `replaces` names the result that a correction replaces; `from_positive` marks one that replaces
    a positive by something else. `withdrawn` rows tell a person of the replaced result that the
    correction `result_id` no longer concerns them. `reported_at` is when the batch was received.
    """

    name: ClassVar[str] = "results.applied"

    lab_code: str
    reported_at: str
    person_id: tuple[UUID, ...]
    result_id: tuple[UUID, ...]
    outcome: tuple[str, ...]
    mode: tuple[str, ...]
    test_kind: tuple[str, ...]
    collected_at: tuple[str, ...]
    tested_at: tuple[str, ...]
    tube_id: tuple[UUID | None, ...] = ()
    tube_code: tuple[str | None, ...] = ()
    paired_with: tuple[str | None, ...] = ()
    replaces: tuple[UUID | None, ...] = ()
    from_positive: tuple[bool, ...] = ()
    withdrawn: tuple[bool, ...] = ()


class NegativesApplied(Message, frozen=True):
    """Plain PCR negatives of one batch that were matched to people by code, at most 10,000 rows.

    Nearly all results are these. Their columns travel as the array literals that PostgreSQL writes
    and reads (`{a,b,…}`), all of one length, so that no row of theirs becomes an object in between.
    Times are seconds since 1970; the id of a result is that of its batch with the row's number.
    """

    name: ClassVar[str] = "negatives.applied"

    lab_code: str
    reported_at: str
    batch_id: UUID
    people: str
    rows: str
    modes: str
    collected: str
    tested: str


def full_column(values: tuple[Any, ...], rows: int, default: object = None) -> tuple[Any, ...]:
    """Return a column of `ResultsApplied` at its full length."""
    return values if len(values) == rows else (values or (default,)) * rows


class ReviewRecorded(Message, frozen=True):
    """CDC's verdict on a result; the highest `revision` of a result decides."""

    name: ClassVar[str] = "review.recorded"

    review_id: UUID
    result_id: UUID
    revision: int
    verdict: str
    reviewed_at: str
    person_ids: tuple[UUID, ...]
