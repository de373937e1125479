"""Applying a part of a batch: opened, judged in one statement, written once, and let take effect."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from results_ingest.matching import anchors, corrections, late, queries
from results_ingest.matching.alarms import raise_held
from results_ingest.matching.effects import take_effect
from results_ingest.matching.keys import row_keys
from results_ingest.matching.plain import Receipt, tell
from results_ingest.matching.stage import opened, put_on_stage
from results_ingest.matching.waiting import open_rows
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, sql

LOCK_PART = sql("""
SELECT p.sealed, b.lab_code, b.received_at
FROM ingest.batch_part p JOIN ingest.batch b ON b.batch_id = p.batch_id
WHERE p.batch_id = :batch_id AND p.part = :part AND p.applied_at IS NULL FOR UPDATE OF p
""")
MARK_APPLIED = sql("""
UPDATE ingest.batch_part SET applied_at = clock_timestamp() WHERE batch_id = :batch_id AND part = :part
""")
PARTS_TO_COME = sql("""
SELECT p.batch_id, p.part FROM ingest.batch_part p
WHERE p.batch_id = ANY(CAST(:batches AS uuid[])) AND p.applied_at IS NULL ORDER BY p.batch_id, p.part
""")


async def apply_part(session: Session, context: Context[Any], *, batch_id: UUID, part: int) -> None:
    """Match the rows of a part; nothing happens if that was done before."""
    await _apply(session, context, batch_id, part, under_way=frozenset())


async def _apply(
    session: Session,
    context: Context[Any],
    batch_id: UUID,
    part: int,
    *,
    under_way: frozenset[tuple[UUID, int]],
) -> None:
    found = await fetch_one(session, LOCK_PART, batch_id=batch_id, part=part)
    if found is None:
        return
    rows = opened(
        context.sealer,
        found["sealed"],
        batch_id=batch_id,
        lab_code=found["lab_code"],
        reported_at=found["received_at"],
    )
    now = await context.clock.now(session)
    corrected = {row.corrects_batch for row in rows if row.corrects_batch is not None}
    if corrected:
        # A correction overtakes what it corrects; its target is brought in first.
        here = under_way | {(batch_id, part)}
        for other in await fetch_all(session, PARTS_TO_COME, batches=sorted(corrected)):
            if (other["batch_id"], other["part"]) not in here:
                await _apply(session, context, other["batch_id"], other["part"], under_way=here)
        rows = await corrections.aim(session, rows)
    await put_on_stage(session, rows)
    receipt = Receipt(batch_id, found["lab_code"], found["received_at"])
    judged = (await session.execute(queries.INSERT_JUDGED, {"now": now})).all()
    await _settle(session, receipt, judged, now=now)
    await execute(session, MARK_APPLIED, batch_id=batch_id, part=part)


async def _settle(session: Session, receipt: Receipt, rows: Sequence[Any], *, now: datetime) -> None:
    """Let written rows take effect; beside one of them stand the columns of the plain ones' message."""
    await tell(session, receipt, [row for row in rows if row.people is not None], now=now)
    by_state: dict[str | None, list[Any]] = {}
    for row in rows:
        by_state.setdefault(row.state, []).append(row)
    if special := by_state.get("matched"):
        await execute(session, queries.BY_INDEX)
        await take_effect(session, special, now=now)
    if held := by_state.get("held"):
        await open_rows(session, held, now=now)
        await raise_held(session, held, now=now)
    if unmatched := by_state.get("unmatched"):
        await _look_again(session, unmatched, now=now)


async def _look_again(session: Session, rows: Sequence[Any], *, now: datetime) -> None:
    """Touch the anchors of what found no partner, and look once more: it may have come just now."""
    await anchors.hold(
        session,
        [
            key
            for r in rows
            for key in row_keys(tube_code=r.tube_code, health_code_id=r.health_code_id, id_index=r.id_index)
        ],
    )
    await open_rows(session, rows, now=now)
    await late.rematch(session, [(r.batch_id, r.row) for r in rows], now=now)
