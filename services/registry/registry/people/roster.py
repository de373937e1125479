"""A unit's own roster against who is enrolled: whom the system does not know of (requirements row 36)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from anyio import to_thread

from registry.people import queries
from registry.people.preparing import roster_rows
from registry.people.schemas import MOST_ROWS
from registry.people.storing import masked_name
from registry.units.reading import visible
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all
from shared.errors import TOO_MANY_ROWS, Problem
from shared.security.access import Principal


async def compare(
    session: Session,
    context: Context[Any],
    rows: Sequence[object],
    *,
    unit_code: str,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Return who of the roster is not enrolled (by row), and who is enrolled and not on the roster.

    Keeps nothing. enrolled + missing + rejected = rows; `errors` are RowErrors.
    """
    if len(rows) > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    await visible(session, unit_code=unit_code, who=who)
    today = day_of(now)
    good, errors = await to_thread.run_sync(roster_rows, context.index, rows, today)
    enrolled = await _enrolled(session, context, unit_code, today)
    missing = [number for number, document in good if document not in enrolled]
    sent = {document for _, document in good}
    await record(
        session,
        context,
        who=who,
        action="roster.compare",
        subject=unit_code,
        purpose="roster",
        rows=len(rows),
        now=now,
    )
    return {
        "enrolled": len(good) - len(missing),
        "missing": len(missing),
        "rejected": len(rows) - len(good),
        "missing_rows": missing,
        "not_on_roster": [shown for document, shown in enrolled.items() if document not in sent],
        "errors": sorted(errors, key=lambda error: error.row or 0),
    }


async def not_on(
    session: Session,
    context: Context[Any],
    rows: Sequence[object],
    *,
    unit_code: str,
    who: Principal,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return who is enrolled and not on the roster, masked; Problem 404 outside the caller's area."""
    await visible(session, unit_code=unit_code, who=who)
    good, _ = await to_thread.run_sync(roster_rows, context.index, rows, day_of(now))
    sent = {document for _, document in good}
    enrolled = await _enrolled(session, context, unit_code, day_of(now))
    return [shown for document, shown in enrolled.items() if document not in sent]


async def _enrolled(
    session: Session, context: Context[Any], unit_code: str, today: date
) -> dict[tuple[str, bytes], dict[str, Any]]:
    rows = await fetch_all(session, queries.ENROLLED_IN_UNIT, unit_code=unit_code, today=today)
    return {
        (row["id_type"], bytes(row["id_index"])): {
            "person_id": row["person_id"],
            "name_masked": masked_name(context, row["sealed_contact"]),
        }
        for row in rows
    }
