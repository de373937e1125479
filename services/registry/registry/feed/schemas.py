"""Wire models of the change feed (contract §4)."""

from typing import Annotated

from pydantic import BaseModel, Field

from registry.statuses.schemas import StatusOut
from shared.web.paging import MAX_CURSOR
from shared.web.types import Code, HealthCodeId, WireModel

MAX_FAILED = 10_000


class Removal(BaseModel):
    """A health code that nobody holds any more."""

    health_code_id: str
    removed: bool
    replaced_by: str | None = None


class ChangesOut(BaseModel):
    """Statuses and removals; `next_cursor` is never null."""

    changes: list[StatusOut | Removal]
    next_cursor: str
    more: bool


class FailedCode(WireModel):
    """A code that the platform could not show, and its own word for why."""

    health_code_id: HealthCodeId
    code: Code


class StatusAcknowledgement(WireModel):
    """What the platform has shown: everything up to the cursor, but for `failed`."""

    cursor: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR)]
    failed: Annotated[list[FailedCode], Field(max_length=MAX_FAILED, default_factory=list)]
