"""registry to results-ingest: what the health-code platform has shown, and whose status still waits there."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class DisplayFailed(msgspec.Struct, frozen=True):
    """A person whom the platform could not show, and its own word for why."""

    person_id: UUID
    code: str


class StatusesNumbered(Message, frozen=True):
    """People whose status changed and stands in the feed up to `seq`, beyond what is acknowledged.

    What was sent of them before `since` had been shown before this change (null: nothing is known).
    """

    name: ClassVar[str] = "statuses.numbered"

    seq: int
    since: str | None
    people: tuple[UUID, ...]


class StatusesShown(Message, frozen=True):
    """The platform has shown the feed up to `acknowledged`, but for `failed`.

    Everything that results-ingest sent before `watermark` (its own business time) stands in the feed by
    now, so that it is shown unless its person waits: of those, what was sent before `since` at their naming.
    """

    name: ClassVar[str] = "statuses.shown"

    acknowledged: int
    watermark: str | None
    since: str | None = None
    failed: tuple[DisplayFailed, ...] = ()
