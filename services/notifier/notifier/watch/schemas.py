"""Wire models of the channels' state."""

from datetime import datetime

from pydantic import BaseModel

from notifier.watch.rules import State


class Queue(BaseModel):
    """What waits and may go now; `held`: over a recipient's cap of the day, for the digest."""

    urgent: int
    ordinary: int
    held: int


class Canary(BaseModel):
    """The newest canary, and when one last came through."""

    sent_at: datetime | None
    handed_at: datetime | None
    delivered_at: datetime | None
    last_good_at: datetime | None
    age_seconds: float | None
    error: str | None


class ChannelOut(BaseModel):
    """How one channel is; `canary` is null where the operator has no address for it."""

    channel: str
    state: State
    last_success_at: datetime | None
    failing_since: datetime | None
    failures: int
    last_error: str | None
    last_error_at: datetime | None
    queue: Queue
    oldest_seconds: float | None
    canary: Canary | None


class ChannelsOut(BaseModel):
    """Every channel in use."""

    channels: list[ChannelOut]
