"""Wire models of work lists."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from notifier.work_lists.rules import State, StepKind
from shared.web.types import Code, Day, LongText, PersonName, ShortText, WireModel, rows_of

MOST_NAMES = 1_000
BodyName = Annotated[PersonName, Field(description="名称或代码 A name or a code")]


class WorkItemIn(WireModel):
    """An item: the first body leads, the others assist; the deadline as it is printed, or a day.

    `per_town`: every township gets a part of its own. `drill`: an exercise.
    """

    text: LongText
    bodies: Annotated[list[BodyName], Field(min_length=1, max_length=50)]
    deadline: ShortText
    per_town: bool = False
    drill: bool = False


class WorkSectionIn(WireModel):
    """A section in its order."""

    title: ShortText
    items: Annotated[list[WorkItemIn], Field(min_length=1, max_length=500)]


class WorkListIn(WireModel):
    """A list as it was issued."""

    title: ShortText
    issued_on: Day
    drill: bool = False
    sections: Annotated[list[WorkSectionIn], Field(min_length=1, max_length=50)]


class WorkSectionOut(BaseModel):
    """A section and how many items it has."""

    title: str
    items: int


class WorkListReceipt(BaseModel):
    """What became of a list; without an id it was a trial. `items` counts what was read without a fault."""

    list_id: UUID | None
    title: str
    issued_on: date
    drill: bool
    items: int
    parts: int
    sections: list[WorkSectionOut]
    rejected: int
    errors: list[dict[str, Any]]


class WorkListOut(BaseModel):
    """A list with its counts, as far as the caller sees its items."""

    list_id: UUID
    title: str
    issued_on: date
    drill: bool
    sections: list[WorkSectionOut]
    items: int
    done: int
    overdue: int


class WorkListPage(BaseModel):
    """One page of lists, newest first."""

    lists: list[WorkListOut]
    next_cursor: str | None


class ItemBody(BaseModel):
    """A body of an item, under the name it was printed with."""

    type: str
    code: str
    name: str
    role: Literal["lead", "assist"]


class Rollup(BaseModel):
    """How the parts of an item stand."""

    total: int
    done: int
    overdue: int
    worst: State | None


class WorkItemOut(BaseModel):
    """An item as it stands; `due_on` null: ongoing, with the day of its next review."""

    item_id: UUID
    list_id: UUID
    part_of: UUID | None
    number: int
    section: str
    text: str
    deadline: str
    due_on: date | None
    review_on: date | None
    drill: bool
    bodies: list[ItemBody]
    state: State
    progress_on: date | None
    extension_asked_to: date | None
    parts: Rollup | None


class WorkItemPage(BaseModel):
    """One page of items, in the order of the list; a part follows its item."""

    items: list[WorkItemOut]
    next_cursor: str | None


class WorkItemStep(BaseModel):
    """One step on an item."""

    number: int
    kind: StepKind
    body_code: str | None
    by: str
    text: str | None
    client_id: str
    at: datetime
    due_before: date | None
    due_after: date | None


class WorkItemDetail(WorkItemOut):
    """An item with every step on it."""

    steps: list[WorkItemStep]


class Progress(WireModel):
    """What a body reports; `done`: the lead says that everything is."""

    by: PersonName
    text: LongText
    done: bool = False


class Acceptance(WireModel):
    """Who accepts that an item is done."""

    by: PersonName
    note: LongText | None = None


class ItemReopening(WireModel):
    """Who sends an item back, and why."""

    by: PersonName
    reason: LongText


class Extension(WireModel):
    """Which later day is asked for, and why."""

    by: PersonName
    due_on: Day
    reason: LongText


class ExtensionDecision(WireModel):
    """Whether more time is given."""

    by: PersonName
    decision: Literal["grant", "refuse"]
    note: LongText | None = None


class BodyNameIn(WireModel):
    """What a printed name means: codes, or everyone of a level."""

    name: BodyName
    codes: Annotated[list[Code], Field(max_length=500)] = Field(default_factory=list)
    everyone: Literal["townships", "departments"] | None = None


class BodyNamesIn(WireModel):
    """Names, checked one by one."""

    names: Annotated[list[rows_of(BodyNameIn)], Field(min_length=1, max_length=MOST_NAMES)]  # type: ignore[valid-type]


class BodyNameOut(BaseModel):
    """A name and what it means."""

    name: str
    codes: list[str]
    everyone: Literal["townships", "departments"] | None


class BodyNameList(BaseModel):
    """Every name that was set."""

    names: list[BodyNameOut]


class BodyNamesVerdict(BaseModel):
    """What became of names: accepted (new) + updated (known) + rejected = sent."""

    accepted: int
    updated: int
    rejected: int
    errors: list[dict[str, Any]]
