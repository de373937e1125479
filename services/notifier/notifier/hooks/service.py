"""A body's own address: kept, its secret sealed and replaced."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from notifier.hooks import queries
from notifier.notices.service import Notifier
from notifier.sending.addressing import HOOK_CONTEXT
from shared.audit.recording import record
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.security.principal import Principal
from shared.web.paging import code_after, page_of
from shared.webhooks.calling import new_secret, until
from shared.webhooks.rules import secret_text


async def page(session: Session, who: Principal, *, now: datetime, cursor: str | None, limit: int) -> Any:  # noqa: ANN401 - a page
    """Return the addresses that the caller may see, by code."""
    rows = await fetch_all(
        session, queries.PAGE, **who.area, after=code_after(cursor, "code"), limit=limit + 1
    )
    shown = [_shown(row, now) for row in rows]
    return page_of("webhooks", shown, limit=limit, position=lambda row: {"code": row["code"]})


async def put(
    session: Session, context: Notifier, who: Principal, code: str, *, url: str, now: datetime
) -> dict[str, Any]:
    """Keep where a body wants to be called; the secret comes with the first address only. Problem 404."""
    if not await fetch_value(session, queries.KNOWN, code=code, **who.area):
        raise Problem(NOT_FOUND)
    raw = new_secret()
    sealed = context.sealer.seal(raw, context=HOOK_CONTEXT)
    kept = await fetch_one(session, queries.PUT, code=code, url=url, secret=sealed, by=who.client_id, now=now)
    if kept is None:
        raise Problem(NOT_FOUND)
    await record(session, context, who=who, action="webhook.put", subject=code, now=now)
    return _shown(kept, now) | ({"secret": secret_text(raw)} if kept["made"] else {})


async def rotate(
    session: Session, context: Notifier, who: Principal, code: str, *, overlap: int, now: datetime
) -> dict[str, Any]:
    """Replace the secret; the old one signs beside it for so many seconds. Problem 404 without an address."""
    raw = new_secret()
    kept = await fetch_one(
        session,
        queries.ROTATE,
        code=code,
        secret=context.sealer.seal(raw, context=HOOK_CONTEXT),
        until=until(now, overlap),
        by=who.client_id,
        now=now,
        **who.area,
    )
    if kept is None:
        raise Problem(NOT_FOUND)
    await record(session, context, who=who, action="webhook.rotate", subject=code, now=now)
    return _shown(kept, now) | {"secret": secret_text(raw)}


async def delete(session: Session, context: Notifier, who: Principal, code: str, *, now: datetime) -> None:
    """Call a body no more; what waits for it goes on to the next channel. Problem 404."""
    if await fetch_one(session, queries.DELETE, code=code, **who.area) is None:
        raise Problem(NOT_FOUND)
    await record(session, context, who=who, action="webhook.delete", subject=code, now=now)


def _shown(kept: Mapping[str, Any] | RowMapping, now: datetime) -> dict[str, Any]:
    ends = kept["previous_until"]
    return {
        "code": kept["code"],
        "url": kept["url"],
        "previous_secret_until": ends.astimezone(SHANGHAI) if ends is not None and ends > now else None,
        "created_at": kept["created_at"].astimezone(SHANGHAI),
        "changed_at": kept["changed_at"].astimezone(SHANGHAI),
    }
