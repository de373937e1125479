"""Deletes fingerprints by which no row can be known any more: later than 90 days after their receipt."""

from datetime import timedelta
from typing import Any, Final

from results_ingest.batches.fingerprints import WINDOW
from shared.bus.types import Schedule
from shared.context import Context
from shared.db import Session, execute, sql
from shared.result_ids import oldest_id

AT_ONCE: Final = 5_000

# Tested before it was received, so the key's first column narrows the search; what was sent months
# after its test stays until its receipt is old. An outcome added later keeps the whole row.
FORGET = sql("""
DELETE FROM ingest.fingerprint WHERE (tested_at, key) IN (
    SELECT f.tested_at, f.key FROM ingest.fingerprint f
    WHERE f.tested_at < CAST(:before AS timestamptz) AND f.result_id < CAST(:oldest AS uuid)
        AND NOT EXISTS (
            SELECT FROM jsonb_each_text(coalesce(f.others, '{}')) o
            WHERE CAST(o.value AS uuid) >= CAST(:oldest AS uuid)
        )
    ORDER BY f.tested_at, f.key LIMIT :at_once FOR UPDATE SKIP LOCKED
)
""")


async def forget(session: Session, context: Context[Any]) -> bool:
    """Delete some fingerprints past their time; True if there may be more."""
    margin = timedelta(days=context.settings.fingerprint_margin_days)
    before = await context.clock.now(session) - WINDOW - margin
    gone = await execute(session, FORGET, before=before, oldest=oldest_id(before), at_once=AT_ONCE)
    return gone == AT_ONCE


FORGET_FINGERPRINTS = Schedule("batches.fingerprints", timedelta(minutes=10), forget)
