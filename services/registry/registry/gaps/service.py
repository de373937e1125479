"""Steps on a gap, by the bodies it went to and by the district; the history is only added to."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of
from registry.gaps import errors, queries, rules
from registry.gaps.schemas import GapStepIn
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import CATALOGUE, FORBIDDEN, NOT_FOUND, Problem, refusal_of
from shared.security.access import ADMIN, Principal

SEALED_AS: Final = "gap.note"
_CHANGING: Final = (
    "township_code",
    "department_code",
    "department_basis",
    "township_received_at",
    "department_received_at",
    "answered_at",
    "answered_by",
    "closed_at",
    "closed_reason",
)


async def take_step(
    session: Session, context: Context[Any], wanted: GapStepIn, *, gap_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Take a step; a receipt again changes nothing. Problem 403, 404, 409 or 422."""
    stored = await fetch_one(session, queries.LOCK, gap_id=gap_id)
    if stored is None or not inside(who, stored):
        raise Problem(NOT_FOUND)
    if wanted.kind in rules.OF_THE_DISTRICT and (who.limited or not who.holds(ADMIN)):
        raise Problem(FORBIDDEN)
    body = _body(who, wanted)
    _check_fields(wanted)
    standing = _standing(stored)
    if rules.changes_nothing(standing, wanted.kind, body=body):
        return shown(stored, today=day_of(now))
    refused = rules.refusal(standing, wanted.kind, body=body, client_id=who.client_id)
    if refused is not None:
        raise Problem(CATALOGUE[refused])
    values = {name: stored[name] for name in _CHANGING}
    values |= await _changes(session, wanted, body=body, client_id=who.client_id, now=now)
    changed = await fetch_one(
        session,
        queries.TAKE_STEP,
        gap_id=gap_id,
        state=rules.state_after(standing, wanted.kind),
        **values,
    )
    if changed is None:
        raise AssertionError
    note = None if wanted.note is None else context.sealer.seal(wanted.note.encode(), context=SEALED_AS)
    await execute(
        session,
        queries.INSERT_STEP,
        gap_id=gap_id,
        **wanted.model_dump(include={"kind", "reason", "township_code", "department_code"}),
        body=body,
        sealed_note=note,
        client_id=who.client_id,
        now=now,
    )
    return shown(changed, today=day_of(now))


def inside(who: Principal, stored: RowMapping) -> bool:
    """Say whether a gap lies inside the caller's area."""
    return who.sees(township_code=stored["township_code"], department_code=stored["department_code"])


def _body(who: Principal, wanted: GapStepIn) -> str | None:
    if wanted.kind not in (rules.RECEIVED, rules.ANSWERED):
        return None
    own = who.area_level if who.limited else wanted.body
    if own is None:
        raise refusal_of(errors.BODY_NEEDED, "body")
    if wanted.body not in (None, own):
        raise refusal_of(errors.BODY_NOT_YOURS, "body")
    return own


def _check_fields(wanted: GapStepIn) -> None:
    if wanted.kind == rules.ANSWERED and wanted.note is None:
        raise refusal_of(errors.NOTE_NEEDED, "note")
    if wanted.kind == rules.CLOSED and wanted.reason is None:
        raise refusal_of(errors.REASON_NEEDED, "reason")
    if wanted.kind == rules.ASSIGNED and wanted.department_code is None and wanted.township_code is None:
        raise refusal_of(errors.PLACE_NEEDED, "department_code")


def _standing(stored: RowMapping) -> rules.Standing:
    bodies = ("township", "department")
    received = frozenset(body for body in bodies if stored[f"{body}_received_at"] is not None)
    return rules.Standing(stored["state"], received, stored["answered_by"])


async def _changes(
    session: Session, wanted: GapStepIn, *, body: str | None, client_id: str, now: datetime
) -> dict[str, Any]:
    match wanted.kind:
        case rules.RECEIVED:
            return {f"{body}_received_at": now}
        case rules.ANSWERED:
            return {"answered_at": now, "answered_by": client_id}
        case rules.RETURNED:
            return {"answered_at": None, "answered_by": None}
        case rules.CLOSED:
            return {"closed_at": now, "closed_reason": wanted.reason}
        case _:
            return await _assigned(session, wanted)


async def _assigned(session: Session, wanted: GapStepIn) -> dict[str, Any]:
    """Move to another body: what the one before has confirmed or answered no longer counts."""
    levels = await levels_of(session, (wanted.department_code, wanted.township_code))
    moved: dict[str, Any] = {"answered_at": None, "answered_by": None}
    if wanted.department_code is not None:
        if wanted.department_code not in levels:
            raise refusal_of(department_errors.UNKNOWN_DEPARTMENT, "department_code")
        if levels[wanted.department_code] == "township":
            raise refusal_of(errors.NOT_A_DEPARTMENT, "department_code")
        moved |= {
            "department_code": wanted.department_code,
            "department_basis": "given",
            "department_received_at": None,
        }
    if wanted.township_code is not None:
        if wanted.township_code not in levels:
            raise refusal_of(department_errors.UNKNOWN_TOWNSHIP, "township_code")
        if levels[wanted.township_code] != "township":
            raise refusal_of(department_errors.NOT_A_TOWNSHIP, "township_code")
        moved |= {"township_code": wanted.township_code, "township_received_at": None}
    return moved


async def get(
    session: Session, context: Context[Any], *, gap_id: UUID, who: Principal, today: date
) -> dict[str, Any]:
    """Return a gap with its history; Problem 404 outside the caller's area."""
    stored = await fetch_one(session, queries.BY_ID, gap_id=gap_id)
    if stored is None or not inside(who, stored):
        raise Problem(NOT_FOUND)
    steps = await fetch_all(session, queries.STEPS, gap_id=gap_id)
    return {**shown(stored, today=today), "steps": [_step(context, row) for row in steps]}


def _step(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    names = ("kind", "body", "reason", "round_code", "township_code", "department_code", "client_id")
    sealed = row["sealed_note"]
    return {
        **{name: row[name] for name in names},
        "note": None if sealed is None else context.sealer.open(sealed, context=SEALED_AS).decode(),
        "at": row["at"].astimezone(SHANGHAI).isoformat(),
    }


def shown(stored: RowMapping, *, today: date) -> dict[str, Any]:
    """Return a gap for an answer, with its age on a day."""
    times = ("opened_at", "township_received_at", "department_received_at", "answered_at", "closed_at")
    last = today if stored["closed_at"] is None else day_of(stored["closed_at"])
    return {
        **stored,
        **{name: stored[name] and stored[name].astimezone(SHANGHAI).isoformat() for name in times},
        "due_on": stored["due_on"].isoformat(),
        "age_days": (last - day_of(stored["opened_at"])).days,
        "overdue": stored["state"] != rules.CLOSED and stored["due_on"] < today,
    }
