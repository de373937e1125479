"""results-ingest tells of laboratories: one that is expected to post and does not; where one is from."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class LabSilence(Message, frozen=True):
    """A laboratory's silence as it stands; the highest `revision` of one counts, in any order.

    `minutes` is the laboratory's own limit, `waiting` how many tubes waited for it when it was raised. With
    `ended_at` it has posted again, or serves no more.
    """

    name: ClassVar[str] = "lab.silence"

    silence_id: UUID
    revision: int
    lab_code: str
    since: str
    minutes: int
    waiting: int
    ended_at: str | None


class LabOriginChanged(Message, frozen=True):
    """Where a laboratory is from, from a moment on; `region` is None for one of this district."""

    name: ClassVar[str] = "lab.origin_changed"

    lab_code: str
    region: str | None
    at: str
