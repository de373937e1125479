"""results-ingest to itself: a part of an accepted batch waits to be matched."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class BatchPartReceived(Message, frozen=True):
    """The sealed rows of one part lie in `ingest.batch_part`; positives are a part of their own."""

    name: ClassVar[str] = "batch.part_received"

    batch_id: UUID
    part: int
