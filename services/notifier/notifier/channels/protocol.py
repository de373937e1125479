"""What every channel is: it takes one message and says what became of it."""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

# `unknown`: it may have been taken. It is handed over again under the same key.
Result = Literal["sent", "delivered", "unknown", "failed", "refused"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery: no name, number or result; `phone` only where a channel needs one."""

    delivery_id: UUID
    notice_id: UUID
    kind: str
    reason: str
    sequence: int
    recipient_type: str
    recipient_code: str
    urgent: bool
    text: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; `failed` is tried again, `refused` is not; `error` is a code, never a text."""

    result: Result
    error: str | None = None
    reference: str | None = None


class Channel(Protocol):
    """A way out of the house. Handing the same delivery over twice must do no harm."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one delivery within seconds."""
        ...
