"""registry to notifier: what the bureau's list and a survey round do not share was sent to its bodies."""

from typing import ClassVar
from uuid import UUID

import msgspec

from shared.messages.base import Message


class GapCount(msgspec.Struct, frozen=True):
    """How many of a trade; `kind`: `only_licensed|only_surveyed|absent_unit`."""

    trade_code: str
    kind: str
    gaps: int


class GapsSent(Message, frozen=True):
    """What one body has to answer; `recipient_type`: `township|department|headquarters` (no code)."""

    name: ClassVar[str] = "gaps.sent"

    sending_id: UUID
    round_code: str
    round_name: str
    as_of: str
    due_on: str
    recipient_type: str
    recipient_code: str | None
    counts: tuple[GapCount, ...]
