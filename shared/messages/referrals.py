"""registry to notifier: a fever patient referred to a fever clinic, and how far it has come. No names."""

from typing import ClassVar
from uuid import UUID

from shared.messages.base import Message


class ReferralChanged(Message, frozen=True):
    """A referral as it stands; the highest `revision` of one counts, in any order.

    `state`: `open`, `arrived` (the result is awaited), `closed` (with `outcome`), `lost`, `cancelled`. `late`
    when nobody has come, or no result, by `due_at`.
    """

    name: ClassVar[str] = "referral.changed"

    referral_id: UUID
    revision: int
    state: str
    late: bool
    from_unit_code: str
    to_unit_code: str
    outcome: str | None
    due_at: str
    at: str
