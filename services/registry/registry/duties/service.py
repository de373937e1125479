"""The duty matrix, changed by the district."""

from datetime import date, datetime
from typing import Any

from registry.departments import errors as department_errors
from registry.departments.service import levels_of
from registry.duties import errors, queries
from registry.duties.schemas import DutyEntryPatch, DutyIn
from shared import bus
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.messages import DutiesChanged
from shared.messages.duties import Duty, DutyEntry
from shared.security.access import Principal


async def matrix(session: Session, *, today: date) -> list[dict[str, Any]]:
    """Return every entry with what is its own on a day."""
    return [dict(row) for row in await fetch_all(session, queries.MATRIX, today=today)]


async def owner(session: Session, *, subject: str, today: date, fallback: str) -> dict[str, Any]:
    """Return whose a kind of message or notice is on a day; `fallback`'s where it was given to nobody."""
    row = await fetch_one(session, queries.OWNER, subject=subject, today=today, fallback=fallback)
    if row is None:
        raise AssertionError
    return {**row, "subject": subject, "basis": "assigned" if row["assigned"] else "default"}


async def change(
    session: Session, patch: DutyEntryPatch, *, entry_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Change an entry; Problem 404 or 422."""
    await fetch_all(session, queries.LOCK_ALL)
    stored = await fetch_one(session, queries.LOCK, entry_code=entry_code)
    if stored is None:
        raise Problem(NOT_FOUND)
    if not patch.model_fields_set:
        raise Problem(department_errors.EMPTY_PATCH)
    for field in patch.model_fields_set - {"department_code"}:
        if getattr(patch, field) is None:
            raise refusal_of(department_errors.EMPTY_PATCH, field)
    code = patch.department_code
    if code is not None and code not in await levels_of(session, [code]):
        raise refusal_of(department_errors.UNKNOWN_DEPARTMENT, "department_code")
    kept = {name: stored[name] for name in ("name_zh", "name_en", "duties_zh", "department_code")}
    wanted = kept | patch.model_dump(include=patch.model_fields_set)
    if wanted != kept:
        await execute(
            session, queries.UPDATE, entry_code=entry_code, updated_by=who.client_id, now=now, **wanted
        )
        await tell(session, now=now)
    entries = await matrix(session, today=now.date())
    return next(entry for entry in entries if entry["entry_code"] == entry_code)


async def assign(
    session: Session, wanted: DutyIn, *, entry_code: str, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Give a kind of message or notice to an entry; whether that is new. Problem 404 or 409."""
    await fetch_all(session, queries.LOCK_ALL)
    if await fetch_one(session, queries.LOCK, entry_code=entry_code) is None:
        raise Problem(NOT_FOUND)
    values = wanted.model_dump()
    row = await fetch_one(
        session, queries.ASSIGN, entry_code=entry_code, created_by=who.client_id, now=now, **values
    )
    shown = {"subject": wanted.subject, "effective_from": wanted.effective_from.isoformat()}
    if row is not None:
        await tell(session, now=now)
        return shown, True
    standing = await fetch_one(session, queries.STANDING, **values)
    if standing is None or standing["entry_code"] != entry_code:
        raise Problem(errors.DUTY_IN_USE)
    return shown, False


async def tell(session: Session, *, now: datetime) -> None:
    """Tell notifier the matrix, whole; the caller holds it."""
    entries = await fetch_all(session, queries.ENTRIES)
    duties = await fetch_all(session, queries.DUTIES)
    message = DutiesChanged(
        revision=int(await fetch_value(session, queries.REVISION)),
        entries=tuple(DutyEntry(**row) for row in entries),
        duties=tuple(
            Duty(row["subject"], row["effective_from"].isoformat(), row["entry_code"]) for row in duties
        ),
    )
    await bus.publish(session, message, now=now)
