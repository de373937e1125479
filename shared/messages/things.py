"""results-ingest to registry: what happened to samples of goods and premises. Of units, never of people."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class ThingResult(msgspec.Struct, frozen=True):
    """The result of a sample of goods or premises; `subject`: `item` or `environment`.

    Times are RFC 3339 with offset.
    """

    result_id: UUID
    unit_code: str
    subject: str
    sample_kind: str
    outcome: str
    collected_at: str


class ThingsResulted(Message, frozen=True):
    """PCR results of samples without people, and results of such samples that corrections have replaced.

    Facts that are added: they may arrive in any order and any number of times.
    """

    name: ClassVar[str] = "things.resulted"

    results: tuple[ThingResult, ...]
    replaced: tuple[UUID, ...] = ()
