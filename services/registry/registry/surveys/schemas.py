"""Wire models of survey rounds, places, comparisons and suggestions."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from registry.licences.schemas import LicenceNo
from registry.units.schemas import IndustryCode
from shared.web.types import Code, Day, LongText, ShortText, WireModel, rows_of

Outcome = Literal["both", "only_licensed", "only_surveyed", "closed", "closed_unlicensed", "doubled"]


class SurveyIn(WireModel):
    """A sweep of some trades in some townships; without `township_codes` the whole district."""

    round_code: Code
    name: ShortText
    trade_codes: Annotated[list[Code], Field(min_length=1, max_length=100)]
    township_codes: Annotated[list[Code], Field(max_length=500, default_factory=list)]
    begins_on: Day
    ends_on: Day


class SurveyOut(BaseModel):
    """A round, and when it was compared and its gaps sent."""

    round_code: str
    name: str
    trade_codes: list[str]
    township_codes: list[str]
    begins_on: str
    ends_on: str
    compared_at: str | None
    sent_at: str | None


class SurveyList(BaseModel):
    """A page of rounds, by code."""

    rounds: list[SurveyOut]
    next_cursor: str | None


class PlaceIn(WireModel):
    """A place as the sweep found it; code, number, township, name and address make it the same one again."""

    name: ShortText
    address: ShortText
    credit_code: Code | None = None
    licence_no: LicenceNo | None = None
    trade_code: Code
    industry_code: IndustryCode | None = None
    township_code: Code
    found: Literal["open", "closed"] = "open"
    surveyed_on: Day


class PlacesIn(WireModel):
    """Up to 10,000 rows, each judged on its own."""

    places: Annotated[list[rows_of(PlaceIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class PlaceOut(BaseModel):
    """A place as it is shown; `registered`: whether a unit of the ledger has its code or number."""

    surveyed_id: UUID
    name: str
    address: str
    credit_code: str | None
    licence_no: str | None
    trade_code: str
    township_code: str
    department_code: str | None
    found: str
    surveyed_on: str
    registered: bool


class PlaceList(BaseModel):
    """A page of places, oldest first."""

    places: list[PlaceOut]
    next_cursor: str | None


class Figures(BaseModel):
    """licensed = both + only_licensed + closed; surveyed = all but only_licensed.

    `elsewhere`: pairs whose licence names another township or trade. Shares are of licensed, that of
    `only_surveyed` is of surveyed; of nothing they are null.
    """

    licensed: int
    surveyed: int
    both: int
    only_licensed: int
    only_surveyed: int
    closed: int
    closed_unlicensed: int
    doubled: int
    elsewhere: int
    both_share: float | None
    only_licensed_share: float | None
    closed_share: float | None
    only_surveyed_share: float | None


class FiguresOf(Figures):
    """The figures of a trade in a township."""

    trade_code: str
    township_code: str


class SurveyReport(BaseModel):
    """A comparison; `stale`: something changed since. `rows` are by trade and township."""

    round_code: str
    compared_at: str
    stale: bool
    suggestions_open: int
    total: Figures
    rows: list[FiguresOf]


class OutcomeOut(BaseModel):
    """One place, one licence, or both, as compared."""

    outcome_id: UUID
    outcome: str
    basis: str | None
    name: str
    address: str
    credit_code: str | None
    licence_no: str | None
    trade_code: str
    township_code: str
    department_code: str | None
    department_basis: str
    elsewhere: bool


class OutcomeList(BaseModel):
    """A page of what a comparison found."""

    outcomes: list[OutcomeOut]
    next_cursor: str | None


class AbsentUnit(BaseModel):
    """A unit of the ledger that the round did not come across."""

    unit_code: str
    name: str
    industry_code: str
    township_code: str
    department_code: str | None
    last_found_on: str | None
    last_round_code: str | None


class AbsentUnits(BaseModel):
    """A page of them, by code."""

    units: list[AbsentUnit]
    next_cursor: str | None


class SideOut(BaseModel):
    """A side of a suggestion, so that a person can compare."""

    name: str
    address: str
    credit_code: str | None
    licence_no: str | None


class SuggestionOut(BaseModel):
    """A licence that a place may have; `reason`: `code` fits without deciding, or `name`; `score` 0 to 1."""

    suggestion_id: UUID
    state: str
    reason: str
    score: float
    licence: SideOut
    place: SideOut
    decided_by: str | None
    decided_at: str | None


class SuggestionList(BaseModel):
    """A page of suggestions."""

    suggestions: list[SuggestionOut]
    next_cursor: str | None


class SuggestionDecision(WireModel):
    """A named person's word; it holds for later rounds too."""

    decision: Literal["confirm", "reject"]
    note: LongText | None = None


class SurveySent(BaseModel):
    """What was made of the gaps: opened anew, opened again, routed, closed because they are gone."""

    round_code: str
    opened: int
    reopened: int
    assigned: int
    closed: int
    standing: int
