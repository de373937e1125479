"""Wire models of exports."""

from typing import Annotated

from pydantic import BaseModel, Field

from registry.people.schemas import DisclosureIn
from shared.sheets.rows import Format
from shared.web.types import Code, ShortText, WireModel

MOST_CONDITIONS = 20
Conditions = Annotated[
    dict[Annotated[str, Field(max_length=64)], ShortText], Field(max_length=MOST_CONDITIONS)
]


class ExportIn(WireModel):
    """Which list, of what, and as what; `where`: what its route takes; `disclosure`: people in clear."""

    list: Code
    format: Format = "xlsx"
    where: Conditions = Field(default_factory=dict)
    township_code: Code | None = None
    department_code: Code | None = None
    unit_code: Code | None = None
    disclosure: DisclosureIn | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """Return every condition."""
        said = {
            "township_code": self.township_code,
            "department_code": self.department_code,
            "unit_code": self.unit_code,
        }
        return {**self.where, **{name: value for name, value in said.items() if value is not None}}


class ListOut(BaseModel):
    """A list that can be taken out: `needed` and `filters` go into `where`."""

    list: str
    zh: str
    en: str
    needed: tuple[str, ...]
    filters: tuple[str, ...]
    of_people: bool


class ListsOut(BaseModel):
    """Every list that can be taken out."""

    lists: list[ListOut]
