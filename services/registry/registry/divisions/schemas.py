"""Wire models of divisions."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema

from registry.divisions.rules import LEVELS
from shared.web.types import Code, Day, ShortText, WireModel, refuse, rows_of

DIVISION_PATTERN = "^[0-9]{6}([0-9]{3}){0,3}$"
MOST_DIVISIONS = 2_000
MOST_HEADS = 10_000_000
Level = Literal["district", "township", "community", "grid"]
Missing = Literal["head_count", "lab_code", "team_code"]


def _division_code(value: str) -> str:
    if len(value) not in LEVELS or not (value.isascii() and value.isdigit()):
        raise refuse("bad_format")
    return value


DivisionCode = Annotated[
    str, AfterValidator(_division_code), WithJsonSchema({"type": "string", "pattern": DIVISION_PATTERN})
]


class DivisionIn(WireModel):
    """A division, added or brought up to date; what is not sent stays, null clears."""

    division_code: DivisionCode
    name: ShortText | None = None
    township_code: Code | None = None
    head_count: Annotated[int | None, Field(ge=0, le=MOST_HEADS)] = None
    counted_on: Day | None = None
    lab_code: Code | None = None
    team_code: Code | None = None


class DivisionsIn(WireModel):
    """Up to 2,000 rows, each judged on its own; parents may stand in the same request."""

    divisions: Annotated[list[rows_of(DivisionIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class DivisionOut(BaseModel):
    """A division as it is shown; `missing` is what a grid lacks for a round."""

    division_code: str
    level: str
    parent_code: str | None
    name: str
    township_code: str | None
    head_count: int | None
    counted_on: str | None
    lab_code: str | None
    team_code: str | None
    missing: list[str]
    revision: int


class DivisionList(BaseModel):
    """A page of divisions, by code."""

    divisions: list[DivisionOut]
    next_cursor: str | None
