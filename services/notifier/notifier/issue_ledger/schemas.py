"""Wire models of the issue ledger."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class LedgerItem(BaseModel):
    """An open or newly closed issue; `carried`: from how many periods before it comes.

    `source`: an inspection, or a finding of registry's (then without a deadline of its own).
    """

    item_id: UUID
    source: Literal["inspection", "registry"]
    carried: int
    target_type: str
    target_code: str
    target_name: str | None
    kind_code: str
    kind_name: str | None
    number: str | None
    level: int
    recorded_on: date
    due_on: date | None
    state: Literal["open", "closed"]
    closed_on: date | None
    late: bool
    listed: bool


class LedgerFigures(BaseModel):
    """Counts of a period: carried over + new = closed in it + open at its end."""

    carried: int
    new: int
    closed: int
    open: int
    late: int


class IssueLedger(BaseModel):
    """One page of a period's ledger: what was carried over stands first, the oldest first."""

    period: Literal["week", "month"]
    first_day: date
    last_day: date
    figures: LedgerFigures
    items: list[LedgerItem]
    next_cursor: str | None
