"""Anchors keep two sides that arrive at the same moment from missing each other.

A result that finds no partner and a person or tube that arrives just then cannot see each other's
uncommitted rows. So both touch the row of their common key before they look (again): the second
one waits for the first one's commit and then sees what it wrote.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from results_ingest.matching.keys import in_order
from shared.bus.types import Schedule
from shared.context import Context
from shared.db import Session, execute, sql

HOLD = sql("""
INSERT INTO ingest.match_anchor AS a (match_key, touched)
SELECT k, extract(epoch FROM clock_timestamp())::bigint
FROM unnest(CAST(:keys AS text[])) WITH ORDINALITY AS u (k, n) ORDER BY n
ON CONFLICT (match_key) DO UPDATE SET touched = excluded.touched
""")

# Only rows that nobody holds: who touches one afterwards simply makes it anew.
FORGET = sql("""
DELETE FROM ingest.match_anchor WHERE match_key IN (
    SELECT match_key FROM ingest.match_anchor
    WHERE touched < extract(epoch FROM clock_timestamp())::bigint - 600
    LIMIT 5000 FOR UPDATE SKIP LOCKED
)
""")


async def hold(session: Session, keys: Iterable[str]) -> None:
    """Touch the anchors of these keys; what the other side has written is seen from here on."""
    ordered = in_order(keys)
    if ordered:
        await execute(session, HOLD, keys=ordered)


async def forget(session: Session, context: Context[Any]) -> bool:  # noqa: ARG001 - a schedule's shape
    """Delete anchors that no transaction can be holding any more, some at a time."""
    return await execute(session, FORGET) > 0


FORGET_ANCHORS = Schedule("matching.anchors", timedelta(minutes=5), forget)
