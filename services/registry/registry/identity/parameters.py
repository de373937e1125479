"""What the routes of this slice ask for in common."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Path

from shared.errors import CURSOR_INVALID, Problem
from shared.identifiers import CODE_PATTERN, is_code
from shared.security.access import Principal, needs
from shared.web.deps import ContextDep
from shared.web.paging import decode_cursor

NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


async def real_now(context: ContextDep) -> datetime:
    """Return the real time: tokens, secrets and limits never follow the business clock."""
    return context.db.now()


RealNow = Annotated[datetime, Depends(real_now)]
Admin = Annotated[Principal, needs("admin")]
KeyHolder = Annotated[Principal, needs("admin", "onboarding", "results:write")]
Identifier = Annotated[str, Path(pattern=CODE_PATTERN)]


def after_of(cursor: str | None) -> str | None:
    """Return the id that a page of a list begins behind; Problem 422 for a cursor that is not ours."""
    if cursor is None:
        return None
    after = decode_cursor(cursor).get("after")
    if not isinstance(after, str) or not is_code(after):
        raise Problem(CURSOR_INVALID)
    return after
