"""Wire models of a body's own address."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from shared.web.types import WireModel


class HookIn(WireModel):
    """Where a body wants to be called."""

    url: Annotated[str, Field(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]


class HookRotationIn(WireModel):
    """How long the old secret signs beside the new one."""

    overlap_seconds: Annotated[int, Field(ge=0, le=30 * 24 * 3600)] = 24 * 3600


class HookOut(BaseModel):
    """A body's own address; the secret only with the first address and with a new secret."""

    code: str
    url: str
    previous_secret_until: datetime | None
    created_at: datetime
    changed_at: datetime
    secret: str | None = None


class HookPage(BaseModel):
    """One page of addresses, by the body's code."""

    webhooks: list[HookOut]
    next_cursor: str | None
