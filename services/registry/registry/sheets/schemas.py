"""Wire models of imports, kinds of sheets and column mappings."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from registry.people.schemas import RowErrorOut
from shared.sheets.mapping import Constants, Headers
from shared.web.types import WireModel


class ImportOut(BaseModel):
    """An import: `processed` rows of `rows` are judged; accepted + updated + rejected = processed."""

    import_id: UUID
    kind: str
    format: str
    sha256: str
    dry_run: bool
    existing: str
    status: str
    rows: int
    processed: int
    accepted: int
    updated: int
    rejected: int
    errors_total: int
    created_at: datetime
    finished_at: datetime | None


class ImportList(BaseModel):
    """A page of imports, newest first."""

    imports: list[ImportOut]
    next_cursor: str | None


class ImportErrors(BaseModel):
    """A page of what is wrong, by row; `row` is the number that a person sees in the sheet."""

    errors: list[RowErrorOut]
    next_cursor: str | None


class AbsentPerson(BaseModel):
    """Somebody enrolled in a unit of a roster and not on it, masked."""

    unit_code: str
    person_id: UUID
    name_masked: str


class AbsentList(BaseModel):
    """Everybody who is not on the sheet, by unit."""

    people: list[AbsentPerson]


class ColumnOut(BaseModel):
    """A column: its field, its headers, and what may stand in it."""

    field: str
    zh: str
    en: str
    aliases: list[str]
    type: str
    required: bool
    choices: list[str]
    example: str


class KindOut(BaseModel):
    """A kind of sheet."""

    kind: str
    zh: str
    en: str
    columns: list[ColumnOut]


class KindList(BaseModel):
    """Every kind of sheet."""

    kinds: list[KindOut]


class SheetMappingIn(WireModel):
    """Headers of one's own: to a field, or to '' for a column to leave out; values for every row."""

    columns: Headers = Field(default_factory=dict)
    constants: Constants = Field(default_factory=dict)


class SheetMappingOut(BaseModel):
    """A saved mapping; `area_code` is null where it is the whole district's."""

    kind: str
    name: str
    area_code: str | None
    columns: dict[str, str]
    constants: dict[str, str]
    changed_at: datetime


class SheetMappingList(BaseModel):
    """The mappings of the caller's area."""

    mappings: list[SheetMappingOut]
