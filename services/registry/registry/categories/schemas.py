"""Wire models of categories and their rules."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, WithJsonSchema

from shared.web.types import Code, Day, ShortText, WireModel

Shape = Literal[
    "every_n_days",
    "every_n_months",
    "on_event",
    "times_per_week",
    "times_per_day",
    "rolling_share",
    "nested_share",
    "day_list",
]
Params = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]


class RuleIn(WireModel):
    """A new version of a category's rule; both days are included.

    Without `effective_to` it replaces the open version of its area from its first day on; with one
    it lies over it for a time, and the strictest binds.
    """

    effective_from: Day
    effective_to: Day | None = None
    area_code: Code | None = None
    shape: Shape
    params: Params
    source: ShortText | None = None


class CategoryIn(WireModel):
    """A new category, with its first rules."""

    code: Code
    name_zh: ShortText
    name_en: ShortText
    vaccinated_as: Code | None = None
    effective_from: Day
    effective_to: Day | None = None
    rules: Annotated[list[RuleIn], Field(max_length=20, default_factory=list)]


class RuleOut(BaseModel):
    """A version of a rule."""

    rule_id: int
    version: int
    effective_from: str
    effective_to: str | None
    area_code: str | None
    shape: str
    params: dict[str, Any]
    source: str | None


class CategoryOut(BaseModel):
    """A category with every version of its rules."""

    code: str
    name_zh: str
    name_en: str
    vaccinated_as: str | None
    details: dict[str, Any]
    effective_from: str
    effective_to: str | None
    rules: list[RuleOut]


class CategoryList(BaseModel):
    """A page of categories, by code."""

    categories: list[CategoryOut]
    next_cursor: str | None


class DueShown(BaseModel):
    """When somebody is due, and how they stand."""

    due_on: str | None
    due_state: str


class Change(BaseModel):
    """Somebody whom a rule would affect; `change`: how they would then stand."""

    person_id: UUID
    change: Literal["due", "overdue", "released"]
    was: DueShown
    becomes: DueShown


class Affected(BaseModel):
    """Who a rule would affect on the first day it binds; counts are of people.

    `affected` have another due day or state than without it; of these `due` have a due day to come,
    `overdue` are overdue or never tested, `released` have no duty any more. The first 1,000 are `listed`.
    """

    as_of: str
    people: int
    affected: int
    due: int
    overdue: int
    released: int
    listed: list[Change]


class RuleMade(RuleOut):
    """The new version; `pending_people` are recomputed within a minute, everybody else already is."""

    pending_people: int
