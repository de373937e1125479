"""Wire models of trades and licences."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from registry.units.schemas import IndustryCode, IndustryPrefix
from shared.web.types import Code, Day, ShortText, WireModel, rows_of, text_of

MOST_ROWS = 10_000
LicenceNo = text_of(100)


class TradeIn(WireModel):
    """A trade: `industry_code` routes what names no industry; units of the prefixes belong to it."""

    name_zh: ShortText
    name_en: ShortText
    industry_code: IndustryCode | None = None
    industry_prefixes: Annotated[list[IndustryPrefix], Field(min_length=1, max_length=100)]


class TradeOut(BaseModel):
    """A trade as it stands."""

    trade_code: str
    name_zh: str
    name_en: str
    industry_code: str | None
    industry_prefixes: list[str]
    revision: int


class TradeList(BaseModel):
    """A page of trades, by code."""

    trades: list[TradeOut]
    next_cursor: str | None


class LicenceIn(WireModel):
    """A licence as the bureau lists it; its number is what makes it the same one again."""

    licence_no: LicenceNo  # type: ignore[valid-type] # made by a function
    credit_code: Code | None = None
    name: ShortText
    address: ShortText
    trade_code: Code
    industry_code: IndustryCode | None = None
    township_code: Code
    issued_on: Day | None = None
    cancelled_on: Day | None = None


class LicencesIn(WireModel):
    """The bureau's list as of a day, up to 10,000 rows, each judged on its own."""

    as_of: Day
    licences: Annotated[list[rows_of(LicenceIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class LicenceOut(BaseModel):
    """A licence as it is shown."""

    licence_id: UUID
    licence_no: str
    credit_code: str | None
    name: str
    address: str
    trade_code: str
    township_code: str
    department_code: str | None
    department_basis: str
    issued_on: str | None
    cancelled_on: str | None
    listed_on: str


class LicenceList(BaseModel):
    """A page of licences, oldest first."""

    licences: list[LicenceOut]
    next_cursor: str | None
