"""Statuses as the platform reads them: one, many, or a page of everybody."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row

from registry.statuses import queries, service
from registry.statuses.display import Limits, StatusRow, midnight, status_of
from registry.statuses.loading import limits_of, status_row
from registry.statuses.rules import SHANGHAI, LastResult, day_of
from shared.context import Context
from shared.db import Session
from shared.security.principal import Principal

BREATH: Final = 500


async def by_code(
    session: Session, context: Context[Any], *, code: str, now: datetime
) -> dict[str, Any] | None:
    """Return the status behind a health code, or None."""
    found = (await session.execute(queries.BY_CODE, {"code": code})).all()
    shown = await _shown(session, context, found, now=now)
    return shown[0] if shown else None


async def by_codes(
    session: Session, context: Context[Any], *, codes: Sequence[str], now: datetime
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the statuses of codes, in the order asked, and the codes that nobody holds."""
    asked = list(dict.fromkeys(codes))
    found = (await session.execute(queries.BY_CODES, {"codes": asked})).all()
    shown = {each["health_code_id"]: each for each in await _shown(session, context, found, now=now)}
    return [shown[code] for code in asked if code in shown], [code for code in asked if code not in shown]


async def by_persons(
    session: Session, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime
) -> list[dict[str, Any]]:
    """Return the statuses of people who have a health code, in the order asked."""
    found = (await session.execute(queries.BY_PERSONS, {"person_ids": list(person_ids)})).all()
    return await _shown(session, context, found, now=now)


async def page(
    session: Session, context: Context[Any], *, after: UUID | None, limit: int, now: datetime
) -> tuple[list[dict[str, Any]], UUID | None]:
    """Return the next statuses in person order, and the last person among them."""
    found = (await session.execute(queries.AFTER_PERSON, {"after": after, "limit": limit})).all()
    last: UUID | None = found[-1][1] if found else None
    return await _shown(session, context, found, now=now), last


async def outside(session: Session, *, codes: Sequence[str], who: Principal, now: datetime) -> set[str]:
    """Return those of the codes whose holders, or last holders, lie outside the caller's area."""
    if not who.limited:
        return set()
    found = await session.execute(
        queries.OUTSIDE,
        {
            "codes": list(codes),
            "today": day_of(now),
            "area_township": who.township,
            "area_department": who.department,
        },
    )
    return set(found.scalars())


async def _shown(
    session: Session, context: Context[Any], found: Iterable[Row[Any]], *, now: datetime
) -> list[dict[str, Any]]:
    pairs = [(values[0], status_row(values[1:])) for values in found]
    if any(row.boundary_on is not None and midnight(row.boundary_on) <= now for _, row in pairs):
        fresh = await service.current(session, context, found=(row for _, row in pairs), now=now)
        pairs = [(code, fresh[row.person_id]) for code, row in pairs]
    limits = limits_of(context.settings)
    shown = []
    for number, (code, row) in enumerate(pairs, start=1):
        shown.append(status_object(row, code=code, now=now, limits=limits))
        if number % BREATH == 0:
            await asyncio.sleep(0)  # thousands of them must not hold up the single reads
    return shown


def status_object(row: StatusRow, *, code: str, now: datetime, limits: Limits) -> dict[str, Any]:
    """Return a status as contract §4 words it; times with the offset of Asia/Shanghai."""
    status = status_of(row, now, limits)
    return {
        "health_code_id": code,
        "as_of": now,
        "display": status.display,
        "last_result": _last(status.last_result),
        "pending_since": _local(status.pending_since),
        "due_on": status.due_on,
        "due_state": status.due_state,
        "clearance": {"allowed": status.allowed, "reasons": status.reasons, "until": status.until},
        "version": row.version,
        "changed_at": _local(row.changed_at),
    }


def _last(last: LastResult | None) -> dict[str, Any] | None:
    if last is None:
        return None
    return {
        "outcome": last.outcome,
        "mode": last.mode,
        "collected_at": _local(last.collected_at),
        "tested_at": _local(last.tested_at),
        "reported_at": _local(last.reported_at),
        "lab_code": last.lab_code,
        "reviewed": last.reviewed,
    }


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI)
