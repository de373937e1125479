"""Imports as they are shown: to the clients of the area that sent them, and to the whole district."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.sheets import queries
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem, RowError
from shared.security.access import Principal


async def get(session: Session, *, import_id: UUID, who: Principal) -> dict[str, Any]:
    """Return an import; Problem 404 outside the caller's area."""
    return shown(await visible(session, import_id=import_id, who=who))


async def visible(session: Session, *, import_id: UUID, who: Principal) -> RowMapping:
    """Return a stored import if the caller may see it; Problem 404 otherwise."""
    stored = await fetch_one(session, queries.GET, import_id=import_id, area=_area(who))
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


async def page(session: Session, *, before: UUID, limit: int, who: Principal) -> list[dict[str, Any]]:
    """Return imports, newest first."""
    rows = await fetch_all(session, queries.PAGE, before=before, limit=limit, area=_area(who))
    return [shown(row) for row in rows]


async def errors_of(
    session: Session, *, import_id: UUID, after: tuple[int, int], limit: int, who: Principal
) -> list[tuple[RowError, int]]:
    """Return what is wrong with an import's rows, each with its place in the list; Problem 404."""
    await visible(session, import_id=import_id, who=who)
    rows = await fetch_all(
        session, queries.ERRORS, import_id=import_id, after_row=after[0], after=after[1], limit=limit
    )
    return [(RowError(row["row_no"], row["field"], row["code"]), row["error_id"]) for row in rows]


def shown(stored: RowMapping) -> dict[str, Any]:
    """Return an import for an answer."""
    hidden = ("client_id", "sealed_head")
    times = {
        name: stored[name] and stored[name].astimezone(SHANGHAI) for name in ("created_at", "finished_at")
    }
    return {name: value for name, value in stored.items() if name not in hidden} | times


def _area(who: Principal) -> str | None:
    return who.township or who.department
