"""Wire shapes of the mappings that laboratories save for their sheets."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, Field

from shared.sheets.mapping import HEADERS, Constants, Headers
from shared.web.types import WireModel

Words = Annotated[dict[str, Headers], Field(max_length=HEADERS)]


class ResultMappingIn(WireModel):
    """A sender's own headers: to a field, or to '' for a column to leave out; values for every row; words.

    `words` are those of one's own for the choices of a field, such as `{"outcome":{"1":"negative"}}`.
    """

    columns: Headers = Field(default_factory=dict)
    constants: Constants = Field(default_factory=dict)
    words: Words = Field(default_factory=dict)


class ResultMappingOut(BaseModel):
    """A saved mapping."""

    name: str
    columns: dict[str, str]
    constants: dict[str, str]
    words: dict[str, dict[str, str]]
    changed_at: datetime


class ResultMappingList(BaseModel):
    """The mappings of the caller's laboratory."""

    mappings: list[ResultMappingOut]


EXAMPLE: Final = {
    "columns": {"管码": "tube_code", "结果": "outcome", "时间": "tested_at", "操作员": ""},
    "constants": {"test_kind": "pcr"},
    "words": {"outcome": {"1": "negative", "3": "positive"}},
}
SHOWN: Final = {"name": "lis", **EXAMPLE, "changed_at": "2026-11-21T11:30:00+08:00"}
