"""Wire models of the re-check list."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class RecheckOut(BaseModel):
    """One pool of one member: by which single it is settled, and by when."""

    pool_tube_code: str | None
    pool_result_id: UUID
    outcome: str
    lab_code: str | None
    collected_at: datetime
    route: Literal["retained", "new"]
    state: Literal["waiting", "sampled"]
    tube_code: str | None
    ordered_at: datetime
    due_at: datetime
    overdue: bool


class MemberOut(BaseModel):
    """Somebody who is under re-check because of pools."""

    person_id: UUID
    health_code_id: str | None
    name_masked: str
    rechecks: list[RecheckOut]


class RecheckList(BaseModel):
    """A page of members, by person."""

    members: list[MemberOut]
    next_cursor: str | None
