"""What every channel is: it takes one message and says what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from notifier.channels.rules import Result

__all__ = ["CANARY", "Channel", "Hook", "Outcome", "Outgoing", "Result"]

CANARY = "canary"


@dataclass(frozen=True, slots=True)
class Hook:
    """A body's own address, and the secrets that sign now."""

    url: str
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One delivery: no name, number or result; of the addresses only what its channel needs."""

    delivery_id: UUID
    notice_id: UUID
    kind: str
    reason: str
    sequence: int
    recipient_type: str
    recipient_code: str
    urgent: bool
    text: str
    at: datetime
    attempt: int = 1
    phone: str | None = None
    email: str | None = None
    hook: Hook | None = None
    bots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; `failed` is tried again, `refused` is not; `error` is a code, never a text."""

    result: Result
    error: str | None = None
    reference: str | None = None


class Channel(Protocol):
    """A way out of the house. Handing the same delivery over twice must do no harm."""

    @property
    def seconds(self) -> float:
        """The longest that one hand-over takes."""
        ...

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one delivery."""
        ...
