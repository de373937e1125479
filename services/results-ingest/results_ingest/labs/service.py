"""Registering laboratories and changing them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import TextClause

from results_ingest.labs import queries
from results_ingest.labs.schemas import LabBody, LabPatch, TermsBody
from shared.bus.publishing import publish
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem, define
from shared.identifiers import is_code
from shared.messages import LabOriginChanged

LAB_CODE_IN_USE: Final = define(
    "lab_code_in_use",
    409,
    "该检测机构编码已登记为其他内容,修改请用 PATCH",
    "This laboratory code stands for other content; change it by PATCH",
)
_CONTENT: Final = (
    "name", "opens_at", "closes_at", "turnaround_limit_hours", "active", "outside_region", "enabled_from",
    "enabled_to",
)  # fmt: skip


async def register(
    session: Session, body: LabBody, *, client_id: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the laboratory and whether it is new; Problem 409 for other content under its code."""
    columns = {
        "name": body.name,
        **_hours(body),
        "turnaround_limit_hours": body.turnaround_limit_hours,
        "active": body.active,
        **_outside(body),
    }
    new = await execute(
        session, queries.INSERT, lab_code=body.lab_code, changed_by=client_id, now=now, **columns
    )
    stored = await _one(session, body.lab_code)
    if not new and any(stored[name] != columns[name] for name in _CONTENT):
        raise Problem(LAB_CODE_IN_USE)
    await _tell_origin(session, stored, now=now)
    return shown(stored), bool(new)


async def change(
    session: Session, lab_code: str, patch: LabPatch, *, client_id: str, now: datetime
) -> dict[str, Any]:
    """Change what is named; Problem 404."""
    stored = await _one(session, lab_code, queries.LOCKED)
    columns = {name: stored[name] for name in _CONTENT}
    columns |= {
        name: value
        for name in ("name", "turnaround_limit_hours", "active")
        if (value := getattr(patch, name)) is not None
    }
    if "opening_hours" in patch.model_fields_set:
        columns |= _hours(patch)
    if "outside" in patch.model_fields_set:
        columns |= _outside(patch)
    await execute(session, queries.UPDATE, lab_code=lab_code, changed_by=client_id, now=now, **columns)
    changed = await _one(session, lab_code)
    await _tell_origin(session, changed, now=now)
    return shown(changed)


async def _tell_origin(session: Session, lab: Mapping[str, Any], *, now: datetime) -> None:
    """Keep where a laboratory is from and tell registry, where that changed: its results say so (row 30)."""
    key = {"lab_code": lab["lab_code"], "region": lab["outside_region"]}
    if await execute(session, queries.ADD_ORIGIN, now=now, **key):
        at = now.astimezone(SHANGHAI).isoformat()
        await publish(session, LabOriginChanged(**key, at=at), now=now)


async def page(session: Session, *, only: str | None, after: str, limit: int) -> list[dict[str, Any]]:
    """Return laboratories by code; `only` limits the list to one."""
    rows = await fetch_all(session, queries.PAGE, only=only, after=after, limit=limit)
    return [shown(dict(row)) for row in rows]


async def one(session: Session, lab_code: str) -> dict[str, Any]:
    """Return a laboratory; Problem 404."""
    return shown(await _one(session, lab_code))


def shown(lab: Mapping[str, Any]) -> dict[str, Any]:
    """Return a laboratory as it is sent."""
    return {
        "lab_code": lab["lab_code"],
        "name": lab["name"],
        "opening_hours": hours_of(lab),
        "turnaround_limit_hours": lab["turnaround_limit_hours"],
        "active": lab["active"],
        "outside": _outside_of(lab),
        "created_at": lab["created_at"].astimezone(SHANGHAI).isoformat(),
        "updated_at": lab["updated_at"].astimezone(SHANGHAI).isoformat(),
    }


async def put_terms(
    session: Session, lab_code: str, body: TermsBody, *, client_id: str, now: datetime
) -> dict[str, Any]:
    """Set what holds of a laboratory from a day on, and return it; Problem 404."""
    await _one(session, lab_code)
    await execute(
        session, queries.PUT_TERMS, lab_code=lab_code, effective_from=body.effective_from, **_hours(body),
        capacity=body.capacity, silent_minutes=body.silent_minutes, always_expected=body.always_expected,
        changed_by=client_id, now=now,
    )  # fmt: skip
    [stored] = await terms(session, lab_code, before=body.effective_from + timedelta(days=1), limit=1)
    return stored


async def terms(session: Session, lab_code: str, *, before: date, limit: int) -> list[dict[str, Any]]:
    """Return what held, holds and will hold of a laboratory, the newest first; Problem 404."""
    await _one(session, lab_code)
    rows = await fetch_all(session, queries.TERMS, lab_code=lab_code, before=before, limit=limit)
    return [
        {
            "effective_from": row["effective_from"],
            "opening_hours": hours_of(dict(row)),
            "capacity": row["capacity"],
            "silent_minutes": row["silent_minutes"],
            "always_expected": row["always_expected"],
            "changed_at": row["changed_at"].astimezone(SHANGHAI),
        }
        for row in rows
    ]


async def _one(session: Session, lab_code: str, statement: TextClause = queries.ONE) -> Mapping[str, Any]:
    # A NUL would be an error of the database's.
    if not is_code(lab_code):
        raise Problem(NOT_FOUND)
    stored = await fetch_one(session, statement, lab_code=lab_code)
    if stored is None:
        raise Problem(NOT_FOUND)
    return dict(stored)


def hours_of(row: Mapping[str, Any]) -> dict[str, str] | None:
    """Return opening hours as they are sent; None round the clock."""
    return None if row["opens_at"] is None else {"from": row["opens_at"], "to": row["closes_at"]}


def _outside_of(lab: Mapping[str, Any]) -> dict[str, Any] | None:
    if lab["outside_region"] is None:
        return None
    return {
        "region": lab["outside_region"],
        "from": lab["enabled_from"].isoformat(),
        "to": lab["enabled_to"].isoformat(),
    }


def _outside(body: LabBody | LabPatch) -> dict[str, Any]:
    outside = body.outside
    return {
        "outside_region": None if outside is None else outside.region,
        "enabled_from": None if outside is None else outside.begins,
        "enabled_to": None if outside is None else outside.ends,
    }


def _hours(body: LabBody | LabPatch | TermsBody) -> dict[str, str | None]:
    hours = body.opening_hours
    return {
        "opens_at": None if hours is None else hours.opens,
        "closes_at": None if hours is None else hours.closes,
    }
