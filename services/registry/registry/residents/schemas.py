"""Wire models of residents."""

from typing import Annotated

from pydantic import BaseModel, Field

from registry.divisions.schemas import DivisionCode
from registry.people.schemas import IdType
from shared.web.types import Day, HealthCodeId, WireModel, rows_of

MOST_RESIDENTS = 5_000


class ResidentIn(WireModel):
    """A person and the grid they live in from a day on (absent: today); null for no grid any more."""

    health_code_id: HealthCodeId | None = None
    id_type: IdType | None = None
    id_no: Annotated[str | None, Field(max_length=64)] = None
    grid_code: DivisionCode | None
    from_on: Day | None = None


class ResidentsIn(WireModel):
    """Up to 5,000 rows, each judged on its own."""

    residents: Annotated[list[rows_of(ResidentIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class ResidentOut(BaseModel):
    """A resident as it is shown."""

    person_id: str
    health_code_id: str | None
    name_masked: str


class ResidentList(BaseModel):
    """A page of residents."""

    residents: list[ResidentOut]
    next_cursor: str | None
