"""Registering laboratories and changing them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import TextClause

from results_ingest.labs import queries
from results_ingest.labs.schemas import LabBody, LabPatch
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem, define

LAB_CODE_IN_USE: Final = define(
    "lab_code_in_use",
    409,
    "该检测机构编码已登记为其他内容,修改请用 PATCH",
    "This laboratory code stands for other content; change it by PATCH",
)
_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_CONTENT: Final = ("name", "opens_at", "closes_at", "turnaround_limit_hours", "active")


async def register(
    session: Session, body: LabBody, *, client_id: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the laboratory and whether it is new; Problem 409 for other content under its code."""
    columns = {
        "name": body.name,
        **_hours(body),
        "turnaround_limit_hours": body.turnaround_limit_hours,
        "active": body.active,
    }
    new = await execute(
        session, queries.INSERT, lab_code=body.lab_code, changed_by=client_id, now=now, **columns
    )
    stored = await _one(session, body.lab_code)
    if not new and any(stored[name] != columns[name] for name in _CONTENT):
        raise Problem(LAB_CODE_IN_USE)
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
    await execute(session, queries.UPDATE, lab_code=lab_code, changed_by=client_id, now=now, **columns)
    return shown(await _one(session, lab_code))


async def page(session: Session, *, only: str | None, after: str, limit: int) -> list[dict[str, Any]]:
    """Return laboratories by code; `only` limits the list to one."""
    rows = await fetch_all(session, queries.PAGE, only=only, after=after, limit=limit)
    return [shown(dict(row)) for row in rows]


async def one(session: Session, lab_code: str) -> dict[str, Any]:
    """Return a laboratory; Problem 404."""
    return shown(await _one(session, lab_code))


def shown(lab: Mapping[str, Any]) -> dict[str, Any]:
    """Return a laboratory as it is sent."""
    hours = None if lab["opens_at"] is None else {"from": lab["opens_at"], "to": lab["closes_at"]}
    return {
        "lab_code": lab["lab_code"],
        "name": lab["name"],
        "opening_hours": hours,
        "turnaround_limit_hours": lab["turnaround_limit_hours"],
        "active": lab["active"],
        "created_at": lab["created_at"].astimezone(SHANGHAI).isoformat(),
        "updated_at": lab["updated_at"].astimezone(SHANGHAI).isoformat(),
    }


async def _one(session: Session, lab_code: str, statement: TextClause = queries.ONE) -> Mapping[str, Any]:
    # A NUL would be an error of the database's.
    if not _CODE.fullmatch(lab_code):
        raise Problem(NOT_FOUND)
    stored = await fetch_one(session, statement, lab_code=lab_code)
    if stored is None:
        raise Problem(NOT_FOUND)
    return dict(stored)


def _hours(body: LabBody | LabPatch) -> dict[str, str | None]:
    hours = body.opening_hours
    return {
        "opens_at": None if hours is None else hours.opens,
        "closes_at": None if hours is None else hours.closes,
    }
