"""What would go and what went; legal holds; and the dropping itself, some at a time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping, TextClause

from results_ingest.retention import queries
from results_ingest.retention.errors import HOLD_IN_USE, HOLD_RELEASED
from results_ingest.retention.rules import CLASSES, Name, cutoff
from results_ingest.retention.schemas import LegalHoldIn
from results_ingest.shown import shown_of
from shared.audit.recording import record
from shared.bus.types import Schedule
from shared.clock import SHANGHAI, RealClock, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Language, Problem
from shared.result_ids import oldest_id
from shared.security.principal import Principal

REASON_CONTEXT: Final = "ingest.legal_hold"
AT_ONCE: Final = 200
_REAL: Final = RealClock()
_PLAIN: Final = ("hold_code", "lab_code", "received_from", "received_to", "held_by", "held_at",
                 "released_by", "released_at")  # fmt: skip


async def report(
    session: Session, context: Context[Any], *, only: Name | None, days: int | None, language: Language
) -> dict[str, Any]:
    """Return what is kept by class and month, and what of it would go; nothing goes.

    `days` asks what would go if so many were set.
    """
    classes = []
    for name in [only] if only else list(CLASSES):
        one = CLASSES[name]
        kept = getattr(context.settings, one.setting) if days is None else days
        before = cutoff(kept, now=await _now(session, context, name))
        months = [dict(row) for row in await fetch_all(session, queries.REPORTS[name], before=before)]
        classes.append(
            {
                "class": name,
                "name": one.zh if language == "zh" else one.en,
                "setting": one.setting.upper(),
                "days": kept,
                "before": before.astimezone(SHANGHAI),
                **{sum_of: sum(month[sum_of] for month in months) for sum_of in ("items", "due", "held")},
                "months": months,
            }
        )
    partitions = await fetch_one(session, queries.PARTITIONS)
    return {
        "as_of": (await context.clock.now(session)).astimezone(SHANGHAI),
        "classes": classes,
        "partitions": dict(partitions or {}),
    }


async def hold(
    session: Session, context: Context[Any], who: Principal, wanted: LegalHoldIn, *, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Place a hold; the same again is answered alike, Problem 409 for other content under its code."""
    await execute(session, queries.SERIALISE)
    period = {"received_from": wanted.received_from, "received_to": wanted.received_to}
    made = await fetch_one(
        session,
        queries.HOLD,
        hold_code=wanted.hold_code,
        lab_code=wanted.lab_code,
        **period,
        reason=context.sealer.seal(wanted.reason.encode(), context=REASON_CONTEXT),
        by=who.client_id,
        now=now,
    )
    if made is not None:
        await record(session, context, who=who, action="hold.place", subject=wanted.hold_code, now=now)
        return _shown(context, made), True
    stands = await fetch_one(session, queries.HELD, hold_code=wanted.hold_code)
    if stands is None:
        raise Problem(NOT_FOUND)
    same = {"lab_code": wanted.lab_code, **period, "released_at": None, "reason": wanted.reason}
    shown = _shown(context, stands)
    if {**{name: stands[name] for name in same if name != "reason"}, "reason": shown["reason"]} != same:
        raise Problem(HOLD_IN_USE)
    return shown, False


async def release(
    session: Session, context: Context[Any], who: Principal, *, hold_code: str, reason: str, now: datetime
) -> dict[str, Any]:
    """End a hold; Problem 404, 409 once it has ended."""
    stands = await fetch_one(session, queries.HELD, hold_code=hold_code)
    if stands is None:
        raise Problem(NOT_FOUND)
    if stands["released_at"] is not None:
        raise Problem(HOLD_RELEASED)
    sealed = context.sealer.seal(reason.encode(), context=REASON_CONTEXT)
    ended = await fetch_one(
        session, queries.RELEASE, hold_code=hold_code, by=who.client_id, reason=sealed, now=now
    )
    await record(session, context, who=who, action="hold.release", subject=hold_code, now=now)
    return _shown(context, ended or stands)


async def holds(
    session: Session, context: Context[Any], *, standing: bool | None, after: str, limit: int
) -> list[dict[str, Any]]:
    """Return holds by code."""
    found = await fetch_all(session, queries.HOLDS, open=standing, after=after, limit=limit)
    return [_shown(context, row) for row in found]


async def drop_originals(session: Session, context: Context[Any]) -> bool:
    """Drop some of what laboratories sent and is past its time; True if there may be more."""
    return await _drop(session, context, "originals", queries.DROP_ORIGINALS, by_id=True)


async def drop_deliveries(session: Session, context: Context[Any]) -> bool:
    """Drop some calls past their time; True if there may be more."""
    return await _drop(session, context, "deliveries", queries.DROP_DELIVERIES, by_id=False)


async def _drop(
    session: Session, context: Context[Any], name: Name, statement: TextClause, *, by_id: bool
) -> bool:
    await execute(session, queries.SERIALISE)
    now = await _now(session, context, name)
    before = cutoff(getattr(context.settings, CLASSES[name].setting), now=now)
    more = {"oldest": oldest_id(before)} if by_id else {}
    gone = await fetch_all(session, statement, before=before, at_once=AT_ONCE, **more)
    for month in gone:
        await execute(session, queries.NOTE, **{"class": name}, today=day_of(now), **month)
    dropped: int = sum(month["items"] for month in gone)
    return dropped == AT_ONCE


async def _now(session: Session, context: Context[Any], name: Name) -> datetime:
    return await (_REAL if CLASSES[name].real_clock else context.clock).now(session)


def _shown(context: Context[Any], row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    reason, ended = (
        None if row[name] is None else context.sealer.open(row[name], context=REASON_CONTEXT).decode()
        for name in ("sealed_reason", "sealed_release")
    )
    return shown_of({name: row[name] for name in _PLAIN}) | {"reason": reason, "release_reason": ended}


DROPPING: Final = (
    Schedule("retention.originals", timedelta(minutes=10), drop_originals),
    Schedule("retention.deliveries", timedelta(minutes=10), drop_deliveries),
)
