"""Wire models of the versions of departments, duties, teams and divisions."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from registry.departments.schemas import ContactOut

What = Literal["department", "duty", "team", "division"]


class OrganisationVersion(BaseModel):
    """One version that is no more: it stood until `superseded_at`."""

    revision: int
    details: dict[str, Any]
    contact: ContactOut | None
    superseded_at: datetime
    superseded_by: str | None


class OrganisationHistory(BaseModel):
    """A page of versions, newest first."""

    what: What
    code: str
    versions: list[OrganisationVersion]
    next_cursor: str | None
