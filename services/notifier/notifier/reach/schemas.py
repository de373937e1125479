"""Wire models of recipients without an address."""

from datetime import datetime

from pydantic import BaseModel

from notifier.notices.schemas import Recipient


class Unreachable(BaseModel):
    """A recipient whose newest messages found no address; `lacking`: what each channel missed."""

    recipient: Recipient
    notices: int
    urgent: bool
    since: datetime
    last_at: datetime
    lacking: list[str]


class UnreachablePage(BaseModel):
    """One page of recipients, by type and code."""

    recipients: list[Unreachable]
    next_cursor: str | None
