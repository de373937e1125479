"""Turning registry's own keys over: by an administrator, by the command, and by age; always audited.

Private keys whose last token has expired are deleted: what is gone cannot leak.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.identity import queries, signing
from registry.identity.errors import ROTATION_PENDING
from registry.identity.schemas import SigningKeyList, SigningKeyState
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.errors import Problem
from shared.security.access import require_whole_district
from shared.security.principal import ADMIN, Principal

ROTATED: Final = "signing_key.rotated"
SYSTEM: Final = Principal(client_id="system", name="system", kind="system", scopes=frozenset({ADMIN}))


async def rotate(
    session: Session,
    context: Context[Any],
    *,
    maker: Principal,
    at_once: bool,
    now: datetime,
    today: datetime,
) -> SigningKeyState:
    """Add a key and return it; `now` is real time, `today` dates the audit.

    Problem 403 for an administrator with an area; 409 while the key of the last rotation does not sign yet.
    """
    require_whole_district(maker)
    await execute(session, queries.LOCK_SIGNING_KEYS)
    if not at_once and any(key.state == "next" for key in await _keys(session, now=now)):
        raise Problem(ROTATION_PENDING)
    kid = await signing.rotate(session, context, now=now, at_once=at_once)
    purpose = "at_once" if at_once else None
    await record(session, context, who=maker, action=ROTATED, now=today, subject=kid, purpose=purpose)
    return next(key for key in await _keys(session, now=now) if key.kid == kid)


async def list_keys(session: Session, *, maker: Principal, now: datetime) -> SigningKeyList:
    """Return every key that is published, the newest first; Problem 403 for an administrator with an area."""
    require_whole_district(maker)
    return SigningKeyList(keys=await _keys(session, now=now))


async def rotate_by_age(session: Session, context: Context[Any]) -> bool:
    """Rotate when the newest key is SIGNING_KEY_DAYS old, and delete the ones that have ended."""
    now = context.db.now()
    await execute(session, queries.DELETE_ENDED_KEYS, before=now - signing.OUTLIVES)
    keys = await _keys(session, now=now)
    oldest_allowed = now - timedelta(days=context.settings.signing_key_days)
    if keys and max(key.signs_from for key in keys) <= oldest_allowed:
        today = await context.clock.now(session)
        await rotate(session, context, maker=SYSTEM, at_once=False, now=now, today=today)
    return False


async def _keys(session: Session, *, now: datetime) -> list[SigningKeyState]:
    rows = await fetch_all(session, queries.LIST_SIGNING_KEYS, now=now)
    current = next((row["kid"] for row in rows if row["signs_from"] <= now), None)
    return [_state(row, current=current, now=now) for row in rows]


def _state(row: RowMapping, *, current: str | None, now: datetime) -> SigningKeyState:
    signing_now = "current" if row["kid"] == current else "retiring"
    state = "next" if row["signs_from"] > now else signing_now
    names = ("kid", "signs_from", "retires_at", "created_at")
    return SigningKeyState(state=state, **{name: row[name] for name in names})
