"""The one background sealer of a service's log: chains what is new, and signs the head every minute.

A schedule's row lock makes it one. It is not on anybody's way: a request only names its row as waiting.
"""

from datetime import timedelta
from typing import Any, Final

import structlog

from shared.audit import heads, queries
from shared.audit.chain import genesis, linked
from shared.bus.types import Schedule
from shared.context import Context
from shared.db import Session, after_commit, execute, fetch_all, fetch_one

AT_ONCE: Final = 5_000

_log = structlog.get_logger()


async def last_link(session: Session, context: Context[Any]) -> tuple[int, bytes]:
    """Return how far the chain has come, and its hash there."""
    row = await fetch_one(session, queries.of(context.audit.schema).last_link)
    return (0, genesis(context.service)) if row is None else (row["n"], bytes(row["hash"]))


async def seal(session: Session, context: Context[Any]) -> bool:
    """Chain the rows that wait, some thousands at a time; the id decides among those that wait."""
    statements = queries.of(context.audit.schema)
    rows = await fetch_all(session, statements.take, limit=AT_ONCE)
    if not rows:
        return False
    n, previous = await last_link(session, context)
    numbers, audit_ids, hashes = zip(*linked(rows, after=n, previous=previous), strict=True)
    await execute(
        session,
        statements.add_links,
        numbers=list(numbers),
        audit_ids=list(audit_ids),
        hashes=list(hashes),
    )
    return len(rows) == AT_ONCE


async def sign_head(session: Session, context: Context[Any]) -> bool:
    """Sign how far the chain has come, keep it, and put it outside the database: file and log."""
    n, previous = await last_link(session, context)
    now = context.db.now()
    key = heads.signing_key(context.settings)
    signed = heads.sign(key, service=context.service, n=n, previous=previous, now=now)
    added = await execute(
        session,
        queries.of(context.audit.schema).add_head,
        n=n,
        hash=previous,
        signed_at=now,
        public_key=heads.public_bytes(key),
        signature=heads.raw_signature(signed),
    )

    async def send_out() -> None:
        heads.append(heads.heads_file(context.settings, context.service), signed)
        _log.info("audit_head", rows=n, audit_head=heads.line(signed).decode())

    if added:
        after_commit(session, "audit.head", send_out)
    return False


SCHEDULES: Final = (
    Schedule("audit.seal", timedelta(seconds=1), seal),
    Schedule("audit.head", timedelta(minutes=1), sign_head),
)
