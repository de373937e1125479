"""registry to notifier: an appeal and how far it has come. Ids, never what was said."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class AppealChanged(Message, frozen=True):
    """An appeal as it stands; the highest `revision` of one counts, in any order.

    `state`: `open`, `upheld` (a correction is awaited), `corrected`, `rejected`, `withdrawn`. `late` when
    nobody has decided by `due_at`.
    """

    name: ClassVar[str] = "appeal.changed"

    appeal_id: UUID
    revision: int
    claim: str
    state: str
    late: bool
    subject_type: str
    subject_code: str
    person_id: UUID | None
    unit_code: str | None
    due_at: str
    at: str
