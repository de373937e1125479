"""Wire models of statuses (contract §4)."""

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from shared.web.types import WireModel

MAX_CODES: Final = 10_000

# Wider than a health code: one that cannot exist is held by nobody, like one that does not.
AskedCode = Annotated[str, Field(pattern="^[!-~]{1,64}$")]
Outcome = Literal["negative", "positive", "indeterminate"]
DueState = Literal["not_required", "ok", "due_soon", "overdue", "never_tested"]
Reason = Literal["never_tested", "overdue", "pending", "under_recheck", "positive", "suspended"]


class StatusQuery(WireModel):
    """Health codes to look up, at most 10,000."""

    health_code_ids: Annotated[list[AskedCode], Field(json_schema_extra={"maxItems": MAX_CODES})]


class LastResultOut(BaseModel):
    """The result that decides."""

    outcome: Outcome
    mode: Literal["single", "mixed"]
    collected_at: datetime
    tested_at: datetime
    reported_at: datetime
    lab_code: str
    reviewed: bool


class ClearanceOut(BaseModel):
    """Whether somebody may be on duty; `until` is the last day of it."""

    allowed: bool
    reasons: list[Reason]
    until: date | None


class StatusOut(BaseModel):
    """A person's status at the moment `as_of`."""

    health_code_id: str
    as_of: datetime
    display: Literal["positive", "under_recheck", "negative", "pending", "none"]
    last_result: LastResultOut | None
    pending_since: datetime | None
    due_on: date | None
    due_state: DueState
    clearance: ClearanceOut
    version: int
    changed_at: datetime


class StatusesOut(BaseModel):
    """The statuses found and the codes that nobody holds."""

    statuses: list[StatusOut]
    not_found: list[str]


STATUS_EXAMPLE: Final = {
    "health_code_id": "HC-7f3a91",
    "as_of": "2026-11-21T12:00:00+08:00",
    "display": "negative",
    "last_result": {
        "outcome": "negative",
        "mode": "single",
        "collected_at": "2026-11-20T08:30:00+08:00",
        "tested_at": "2026-11-20T14:00:00+08:00",
        "reported_at": "2026-11-20T14:20:00+08:00",
        "lab_code": "LAB01",
        "reviewed": False,
    },
    "pending_since": None,
    "due_on": "2026-11-27",
    "due_state": "ok",
    "clearance": {"allowed": True, "reasons": [], "until": "2026-11-27"},
    "version": 3,
    "changed_at": "2026-11-20T14:20:01+08:00",
}
