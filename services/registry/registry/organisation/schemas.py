"""Wire models of the versions of departments, duties, teams and divisions."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

What = Literal["department", "duty", "team", "division"]


class ContactOut(BaseModel):
    """What may be shown of the contact of a department, or of the leader of a team."""

    name_masked: str
    phone_masked: str


class Version(BaseModel):
    """One version that is no more: it stood until `superseded_at`."""

    revision: int
    details: dict[str, Any]
    contact: ContactOut | None
    superseded_at: datetime
    superseded_by: str | None


class VersionList(BaseModel):
    """A page of versions, newest first."""

    what: What
    code: str
    versions: list[Version]
    next_cursor: str | None
