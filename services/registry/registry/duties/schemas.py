"""Wire models of the duty matrix."""

from typing import Annotated

from pydantic import BaseModel, Field

from shared.web.types import Code, Day, ShortText, WireModel

Subject = Annotated[str, Field(pattern=r"^[a-z_]{1,40}\.[a-z_]{1,40}$")]


class DutyEntryPatch(WireModel):
    """Which department stands behind an entry; `null` leaves it open."""

    name_zh: ShortText | None = None
    name_en: ShortText | None = None
    duties_zh: ShortText | None = None
    department_code: Code | None = None


class DutyIn(WireModel):
    """Whose a kind of message or notice is from a day on; the newest that has begun holds."""

    subject: Subject
    effective_from: Day


class DutyOut(BaseModel):
    """Whose a kind of message or notice is."""

    subject: str
    effective_from: str


class DutyEntryOut(BaseModel):
    """An entry of the matrix, and what is its own today."""

    entry_code: str
    position: int
    name_zh: str
    name_en: str
    duties_zh: str
    department_code: str | None
    revision: int
    subjects: list[str]


class DutyMatrix(BaseModel):
    """Every entry, in the order of the plan."""

    entries: list[DutyEntryOut]


class DutyOwner(BaseModel):
    """Whose it is; `basis`: `assigned`, or `default` for what nobody was given: daily dispatch."""

    subject: str
    entry_code: str
    name_zh: str
    name_en: str
    department_code: str | None
    basis: str
