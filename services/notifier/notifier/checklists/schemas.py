"""Wire models of the catalogue of problems and of check lists."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from notifier.checklists.rules import Severity
from shared.web.types import Code, Day, ShortText, WireModel


class ProblemKindIn(WireModel):
    """A kind of problem; `days`: until when it is to be put right, unless an inspection says otherwise."""

    name_zh: ShortText
    name_en: ShortText
    severity: Severity
    days: Annotated[int, Field(ge=0, le=365)]


class ProblemKindOut(BaseModel):
    """A kind of problem of the catalogue."""

    kind_code: str
    name_zh: str
    name_en: str
    severity: Severity
    days: int


class ProblemKindList(BaseModel):
    """The catalogue."""

    kinds: list[ProblemKindOut]


class ChecklistItem(WireModel):
    """One line; answered `no` it becomes a problem of its kind."""

    item: Code
    section: ShortText
    text_zh: ShortText
    text_en: ShortText
    kind_code: Code


class ChecklistIn(WireModel):
    """A check list from a day on."""

    checklist_code: Code
    effective_from: Day
    name_zh: ShortText
    name_en: ShortText
    items: Annotated[list[ChecklistItem], Field(min_length=1, max_length=200)]


class ChecklistOut(BaseModel):
    """A version of a check list."""

    checklist_code: str
    effective_from: date
    name_zh: str
    name_en: str
    items: list[ChecklistItem]


class ChecklistList(BaseModel):
    """Versions of check lists."""

    checklists: list[ChecklistOut]
