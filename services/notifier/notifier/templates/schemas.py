"""Wire models of templates."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, Field

from shared.identifiers import FORBIDDEN, holds_forbidden
from shared.web.types import Day, LongText, PersonName, WireModel, refuse, texts_in

LONGEST_SOURCE: Final = 4_000


def _source(value: str) -> str:
    if not value.strip():
        raise refuse("too_short")
    if holds_forbidden(value.replace("\n", "")):
        raise refuse("character_forbidden")
    return value


def _facts(value: dict[str, Any]) -> dict[str, Any]:
    # They come back in the text: half a character (\ud800) could not be written into an answer.
    if any("\ud800" <= sign <= "\udfff" for text in texts_in(value) for sign in text):
        raise refuse("character_forbidden")
    return value


# As in any free text, but that a template may have lines.
_NOT: Final = FORBIDDEN.replace(r"\u0000-\u001f", r"\u0000-\u0009\u000b-\u001f")
_LINES: Final = {"pattern": rf"^[^{_NOT}]*[^{_NOT}\s][^{_NOT}]*$"}
Source = Annotated[str, Field(max_length=LONGEST_SOURCE, json_schema_extra=_LINES), AfterValidator(_source)]


class TemplateVersionIn(WireModel):
    """A new wording of one text, in both languages, from a day on."""

    zh: Source
    en: Source
    effective_from: Day
    by: PersonName
    reason: LongText | None = None


class TemplateApprovalIn(WireModel):
    """Who has read a version besides whoever saved it; the client of the token is recorded beside."""

    by: PersonName


class TemplatePreviewIn(WireModel):
    """What is looked at: these texts, else a version, else what is in force; `facts` replace samples."""

    zh: Source | None = None
    en: Source | None = None
    version: int | None = Field(None, ge=0, le=1_000_000)
    facts: Annotated[dict[str, Any], AfterValidator(_facts)] | None = None


class TemplateVersion(BaseModel):
    """One version as it is stored; 0 is the shipped one and has no day and nobody."""

    version: int
    effective_from: date | None
    zh: str
    en: str
    client_id: str | None
    by: str | None
    reason: str | None
    saved_at: datetime | None
    approved_by: str | None
    approved_client: str | None
    approved_at: datetime | None


class TemplateSaved(TemplateVersion):
    """A version with its key."""

    key: str


class TemplateVariable(BaseModel):
    """A fact that a text may say. `fields`: of each entry of a list; `choices`: the values it takes."""

    name: str
    kind: str
    choices: list[str]
    fields: list[str]
    sample: Any


class TemplateLine(BaseModel):
    """A text in the list: which version is in force today."""

    key: str
    leaves_house: bool
    version: int
    versions: int


class TemplatePage(BaseModel):
    """A page of the list, by key."""

    templates: list[TemplateLine]
    next_cursor: str | None


class TemplateOut(BaseModel):
    """A text with its variables and all its versions, the newest first."""

    key: str
    leaves_house: bool
    in_force: int
    variables: list[TemplateVariable]
    versions: list[TemplateVersion]


class Warned(BaseModel):
    """Something worth a look before a version is saved."""

    field: str
    code: str
    name: str | None
    message: str


class TemplatePreview(BaseModel):
    """What the text would read like; nothing is stored."""

    zh: str
    en: str
    warnings: list[Warned]
