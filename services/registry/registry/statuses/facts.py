"""What is known of a person's samples, and what follows from it, as values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

SAMPLE: Final = "sample"
RESULT: Final = "result"
WITHDRAWAL: Final = "withdrawal"
REVIEW: Final = "review"

POSITIVE: Final = "positive"
NEGATIVE: Final = "negative"
INDETERMINATE: Final = "indeterminate"
INVALID: Final = "invalid"
UNDER_RECHECK: Final = "under_recheck"

CONFIRMED: Final = "confirmed"
REFUTED: Final = "refuted"
RELEASED: Final = "released"

PCR: Final = "pcr"
ANTIGEN: Final = "antigen"
ANTIBODY: Final = "antibody"
SINGLE: Final = "single"
MIXED: Final = "mixed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of a person's ledger. `result_id` is a result's own, or the one a review is about."""

    kind: str
    entry_id: UUID
    result_id: UUID | None = None
    outcome: str | None = None
    mode: str | None = None
    test_kind: str | None = None
    collected_at: datetime | None = None
    tested_at: datetime | None = None
    reported_at: datetime | None = None
    lab_code: str | None = None
    tube_id: UUID | None = None
    tube_code: str | None = None
    paired_with: str | None = None
    replaces: UUID | None = None
    from_positive: bool = False
    revision: int = 0
    verdict: str | None = None
    limit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LastResult:
    """The result that decides, as the platform is told of it."""

    outcome: str
    mode: str
    collected_at: datetime
    tested_at: datetime
    reported_at: datetime
    lab_code: str
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bound tube without a result; `limit_at` is the lab's limit, None for the setting's."""

    tube_id: UUID
    collected_at: datetime
    limit_at: datetime | None


@dataclass(frozen=True, slots=True)
class Testing:
    """What follows from the facts. `hold` is `positive`, `under_recheck` or None.

    Without a hold a `last` is negative. `counted_on` is the day of the newest sample whose result
    counts, `counted` the times of all of them, oldest first (empty where only the stored status was read).
    `special` says that more than plain negatives and samples are among the facts.
    """

    hold: str | None = None
    last: LastResult | None = None
    counted_on: date | None = None
    waiting: tuple[Waiting, ...] = ()
    special: bool = False
    counted: tuple[datetime, ...] = ()


def day_of(moment: datetime) -> date:
    """Return the Asia/Shanghai day of an aware time."""
    return moment.astimezone(SHANGHAI).date()
