"""A laboratory's own address: kept, its secret sealed and replaced; calls listed and made again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.batches import reads
from results_ingest.labs.errors import LAB_NOT_REGISTERED
from results_ingest.shown import shown_of
from results_ingest.webhooks import queries
from results_ingest.webhooks.errors import BATCH_NOT_COMPLETE, NO_WEBHOOK
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.security.principal import Principal
from shared.webhooks.calling import new_secret, until
from shared.webhooks.rules import secret_text

SECRET_CONTEXT: Final = "ingest.webhook"  # noqa: S105 - what is sealed
_SHOWN: Final = ("lab_code", "url", "created_at", "changed_at")
_LISTED: Final = (
    "batch_id", "batch_no", "lab_code", "state", "attempts", "error", "completed_at", "tried_at",
    "delivered_at",
)  # fmt: skip


def lab_of(who: Principal) -> str:
    """Return the caller's laboratory; Problem 403 for who is none."""
    if who.lab_code is None:
        raise Problem(LAB_NOT_REGISTERED)
    return who.lab_code


async def put(
    session: Session, context: Context[Any], who: Principal, *, url: str, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Keep where a laboratory wants to be called; with the first address comes the secret, this once."""
    lab_code = lab_of(who)
    if not await fetch_value(session, queries.LAB, lab_code=lab_code):
        raise Problem(LAB_NOT_REGISTERED)
    raw = new_secret()
    sealed = context.sealer.seal(raw, context=SECRET_CONTEXT)
    kept = await fetch_one(
        session, queries.PUT, lab_code=lab_code, url=url, secret=sealed, by=who.client_id, now=now
    )
    if kept is None:
        raise Problem(NOT_FOUND)
    await record(session, context, who=who, action="webhook.put", subject=lab_code, now=now)
    more = {"secret": secret_text(raw)} if kept["made"] else {}
    return _shown(kept, now) | more, bool(kept["made"])


async def rotate(
    session: Session, context: Context[Any], who: Principal, *, overlap: int, now: datetime
) -> dict[str, Any]:
    """Replace the secret; the old one signs beside it for so many seconds. Problem 404 without an address."""
    raw = new_secret()
    kept = await fetch_one(
        session,
        queries.ROTATE,
        lab_code=lab_of(who),
        secret=context.sealer.seal(raw, context=SECRET_CONTEXT),
        until=until(now, overlap),
        by=who.client_id,
        now=now,
    )
    if kept is None:
        raise Problem(NOT_FOUND)
    await record(session, context, who=who, action="webhook.rotate", subject=lab_of(who), now=now)
    return _shown(kept, now) | {"secret": secret_text(raw)}


async def one(session: Session, who: Principal, *, now: datetime) -> dict[str, Any]:
    """Return where a laboratory is called; Problem 404."""
    kept = await fetch_one(session, queries.ONE, lab_code=lab_of(who))
    if kept is None:
        raise Problem(NOT_FOUND)
    return _shown(kept, now)


async def delete(session: Session, context: Context[Any], who: Principal, *, now: datetime) -> None:
    """Call nobody any more; what waited is dropped. Problem 404."""
    if await fetch_one(session, queries.DELETE, lab_code=lab_of(who)) is None:
        raise Problem(NOT_FOUND)
    await execute(session, queries.DROP_WAITING, lab_code=lab_of(who))
    await record(session, context, who=who, action="webhook.delete", subject=lab_of(who), now=now)


async def page(
    session: Session,
    *,
    only: str | None,
    lab_code: str | None,
    state: str | None,
    before: UUID,
    limit: int,
) -> list[dict[str, Any]]:
    """Return calls, of the newest batch first."""
    found = await fetch_all(
        session, queries.PAGE, only=only, lab_code=lab_code, state=state, before=before, limit=limit
    )
    return [_call(row) for row in found]


async def resend(
    session: Session, context: Context[Any], who: Principal, batch_id: str, *, now: datetime
) -> dict[str, Any]:
    """Call for a batch again, from the first attempt, under the same id.

    Problem 404 for another's batch, 409 without an address and for a batch that is still being matched.
    """
    lab_code = lab_of(who)
    batch = await reads.visible(session, who, batch_id)
    if batch["lab_code"] != lab_code:
        raise Problem(NOT_FOUND)
    if await fetch_one(session, queries.ONE, lab_code=lab_code) is None:
        raise Problem(NO_WEBHOOK)
    call = await fetch_one(session, queries.AGAIN, batch_id=batch["batch_id"], lab_code=lab_code)
    if call is None:
        raise Problem(BATCH_NOT_COMPLETE)
    await record(session, context, who=who, action="webhook.resend", subject=str(batch["batch_id"]), now=now)
    return _call({**call, "batch_no": batch["batch_no"]})


def _shown(kept: Mapping[str, Any] | RowMapping, now: datetime) -> dict[str, Any]:
    shown = shown_of({name: kept[name] for name in _SHOWN})
    ends = kept["previous_until"]
    live = ends is not None and ends > now
    return shown | shown_of({"previous_secret_until": ends if live else None})


def _call(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    waits = row["due_at"] if row["state"] == "waiting" else None
    return shown_of({name: row[name] for name in _LISTED} | {"next_at": waits})
