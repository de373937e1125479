"""What a person says about a suggested match."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.licences.queries import HOLD_COMPARING
from registry.surveys import errors, queries
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal

SEALED_AS: Final = "suggestion.note"


async def decide_suggestion(
    session: Session,
    context: Context[Any],
    *,
    suggestion_id: UUID,
    decision: str,
    note: str | None,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Keep a named person's word; the next comparison follows it. The last word holds."""
    await execute(session, HOLD_COMPARING)
    stored = await fetch_one(session, queries.LOCK_SUGGESTION, suggestion_id=suggestion_id)
    if stored is None or not _inside(who, stored):
        raise Problem(NOT_FOUND)
    if who.kind != "person":
        raise Problem(errors.PERSON_NEEDED)
    if decision == "confirm" and await fetch_value(
        session,
        queries.RIVALS,
        **{name: stored[name] for name in ("licence_id", "surveyed_id", "found_key", "round_code")},
        suggestion_id=suggestion_id,
    ):
        raise Problem(errors.ALREADY_JOINED)
    state = "confirmed" if decision == "confirm" else "rejected"
    await execute(
        session,
        queries.DECIDE,
        suggestion_id=suggestion_id,
        state=state,
        client_id=who.client_id,
        sealed_note=None if note is None else context.sealer.seal(note.encode(), context=SEALED_AS),
        now=now,
    )
    return shown_suggestion({**stored, "state": state, "decided_by": who.client_id, "decided_at": now})


def _inside(who: Principal, stored: RowMapping) -> bool:
    """Both sides must lie inside: a word about a neighbour's licence is not this area's to give."""
    return all(
        who.sees(
            township_code=stored[f"{side}township_code"], department_code=stored[f"{side}department_code"]
        )
        for side in ("", "licence_")
    )


def shown_suggestion(stored: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """Return a suggestion for an answer."""
    names = ("name", "address", "credit_code", "licence_no")
    decided_at = stored["decided_at"]
    return {
        **{name: stored[name] for name in ("suggestion_id", "state", "reason", "score", "decided_by")},
        "decided_at": decided_at and decided_at.astimezone(SHANGHAI).isoformat(),
        **{side: {name: stored[f"{side}_{name}"] for name in names} for side in ("licence", "place")},
    }
