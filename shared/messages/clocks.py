"""results-ingest to notifier: samples that ran out of time at a stage, by who answers for it. No names."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class ClockTold(msgspec.Struct, frozen=True):
    """One of them; `state`: `warned`, `broken`, `late` (ended after the limit), `explained` (in time)."""

    subject: str
    code: str
    category: str
    site_code: str | None
    lab_code: str | None
    starts_at: str
    due_at: str
    ended_at: str | None
    state: str


class ClocksTold(Message, frozen=True):
    """A notice as it stands; the highest `revision` of one counts, in any order.

    `level`: `warning` or `breach`; `stage`: `sampling`, `handover`, `delivery`, `result`, `recheck`.
    `answer_type`: `site|lab|unit|township|cdc` (no code). `clocks` names the worst of `total`.
    """

    name: ClassVar[str] = "clocks.told"

    notice_id: UUID
    revision: int
    level: str
    stage: str
    answer_type: str
    answer_code: str
    township_code: str | None
    at: str
    total: int
    open: int
    explained: int
    worst_minutes: int
    clocks: tuple[ClockTold, ...]


class SlowBody(msgspec.Struct, frozen=True):
    """How long one stage took at one body; minutes. `body_type`: `site` or `lab`."""

    stage: str
    body_type: str
    body_code: str
    township_code: str | None
    tubes: int
    median: float
    p90: float
    longest: float


class StagesDigested(Message, frozen=True):
    """The slowest bodies of each stage of a day's samples (row 63), the slowest of a stage first.

    `stage`: `sampling`, `delivery`, `testing`, `entry`.
    """

    name: ClassVar[str] = "stages.digested"

    day: str
    bodies: tuple[SlowBody, ...]
