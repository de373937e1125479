"""Wire models of mass testing rounds."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from registry.divisions.schemas import DivisionCode
from shared.web.types import Code, HealthCodeId, ShortText, Time, WireModel

MOST_CODES = 5_000
State = Literal["planned", "active", "closed", "cancelled"]
Readiness = Literal["ready", "ready_late", "waiting", "late"]


class RoundIn(WireModel):
    """A round to plan; without hours the settings `ROUND_HOURS` and `ROUND_SETUP_HOURS` hold."""

    round_code: Code
    name: ShortText
    division_codes: Annotated[list[DivisionCode], Field(min_length=1, max_length=500)]
    starts_at: Time
    deadline_at: Time | None = None
    setup_hours: Annotated[float | None, Field(gt=0, le=72)] = None
    drill: bool = False


class DrillSamplesIn(WireModel):
    """Who took part in a drill."""

    health_code_ids: Annotated[list[HealthCodeId], Field(min_length=1, max_length=MOST_CODES)]


class CoverageOut(BaseModel):
    """People, each counted once; null before the first count."""

    expected: int | None
    residents: int | None
    sampled: int | None
    resulted: int | None
    missing: int | None
    unnamed: int | None
    share: float | None


class RoundOut(BaseModel):
    """A round as it is shown; counts are over the grids that the caller may see."""

    round_code: str
    name: str
    division_codes: list[str]
    drill: bool
    state: str
    starts_at: str
    deadline_at: str
    setup_hours: float
    activated_at: str | None
    setup_due_at: str | None
    ended_at: str | None
    revision: int


class RoundDetail(RoundOut):
    """A round with its totals; `counted_at` is the oldest count among its grids."""

    grids: int
    ready: int
    late: int
    head_count: int
    coverage: CoverageOut
    counted_at: str | None


class RoundGridOut(BaseModel):
    """A grid of a round."""

    grid_code: str
    name: str
    township_code: str
    head_count: int
    lab_code: str
    team_code: str
    readiness: Readiness
    ready_at: str | None
    coverage: CoverageOut
    counted_at: str | None


class RoundList(BaseModel):
    """A page of rounds, by code."""

    rounds: list[RoundOut]
    next_cursor: str | None


class RoundGridList(BaseModel):
    """A page of a round's grids, by code."""

    grids: list[RoundGridOut]
    next_cursor: str | None


class MissingOut(BaseModel):
    """A resident without a sample of this round."""

    person_id: str
    health_code_id: str | None
    name_masked: str


class MissingList(BaseModel):
    """A page of residents without a sample."""

    people: list[MissingOut]
    next_cursor: str | None
