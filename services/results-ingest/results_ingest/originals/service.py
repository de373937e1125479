"""Proving that what is kept is what the receipt says, and giving it back to its sender."""

import hashlib
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from anyio import to_thread

from results_ingest.batches.originals import CONTEXT
from results_ingest.batches.reads import visible
from results_ingest.originals import queries
from results_ingest.originals.errors import NOT_KEPT
from shared.audit.recording import record
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import fetch_one
from shared.errors import NOT_FOUND, Problem
from shared.security.principal import Principal
from shared.security.sealing import Sealer

_LONGEST: Final = 64 * 1024 * 1024


async def check(context: Context[Any], who: Principal, batch_id: str) -> dict[str, Any]:
    """Open what was sent and compare it with the receipt; Problem 404 for another laboratory's batch.

    `intact` is null for what is no longer kept. What cannot be opened is not intact.
    """
    batch, kept = await _found(context, who, batch_id)
    days = context.settings.original_retention_days
    until = (batch["received_at"] + timedelta(days=days)).astimezone(SHANGHAI).date()
    shown = {
        "batch_id": str(batch["batch_id"]),
        "batch_no": batch["batch_no"],
        "lab_code": batch["lab_code"],
        "sha256": bytes(batch["sha256"]).hex(),
        "kept": kept["sealed"] is not None,
        "kept_until": until.isoformat(),
        "held": kept["held"],
        "content_type": kept["content_type"],
        "size": kept["size"],
        "sha256_of_kept": None,
        "intact": None,
    }
    if kept["sealed"] is None:
        return shown
    raw = await to_thread.run_sync(_opened, context.sealer, kept["sealed"])
    digest = None if raw is None else hashlib.sha256(raw).hexdigest()
    return shown | {"sha256_of_kept": digest, "intact": digest == shown["sha256"]}


async def content(context: Context[Any], who: Principal, batch_id: str) -> tuple[bytes, str, str]:
    """Return what was sent, its media type and the batch's number, to the client that sent it; recorded.

    Problem 404 for anybody else, and for what is no longer kept.
    """
    batch, kept = await _found(context, who, batch_id)
    if batch["client_id"] != who.client_id:
        raise Problem(NOT_FOUND)
    raw = None
    if kept["sealed"] is not None:
        raw = await to_thread.run_sync(_opened, context.sealer, kept["sealed"])
    if raw is None:
        raise Problem(NOT_KEPT)
    async with context.db.transaction(limits=who.limits) as session:
        now = await context.clock.now(session)
        await record(
            session, context, who=who, action="original.read", subject=str(batch["batch_id"]), now=now,
            rows=batch["rows"],
        )  # fmt: skip
    return raw, kept["content_type"], batch["batch_no"]


async def _found(
    context: Context[Any], who: Principal, batch_id: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    async with context.db.transaction(limits=who.limits) as session:
        batch = await visible(session, who, batch_id)
        kept = await fetch_one(session, queries.ONE, batch_id=batch["batch_id"])
    if kept is None:
        raise Problem(NOT_FOUND)
    return batch, dict(kept)


def _opened(sealer: Sealer, sealed: bytes) -> bytes | None:
    """Return the body, None if it cannot be opened: whatever was done to it, it is not what was sent."""
    try:
        inflate = zlib.decompressobj()
        raw = inflate.decompress(sealer.open(sealed, context=CONTEXT), _LONGEST)
    except Exception:  # noqa: BLE001 - of keys, tags and compression alike
        return None
    return raw if inflate.eof else None
