"""What waits for a partner or a person's decision: the entries of the unmatched desk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from results_ingest.matching.keys import row_keys
from results_ingest.matching.tubes import Tube
from shared.db import Session, execute, fetch_all, sql
from shared.ids import new_id
from shared.result_ids import result_id

OPEN_ROWS = sql("""
INSERT INTO ingest.unmatched AS w (id, kind, code, batch_id, "row", match_key, other_key, opened_at)
SELECT u.id, u.kind, u.code, u.batch_id, u.row_no, u.match_key, u.other_key, CAST(:now AS timestamptz)
FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:codes AS text[]), CAST(:batches AS uuid[]),
    CAST(:rows AS smallint[]), CAST(:keys AS text[]), CAST(:others AS text[]))
    AS u (id, kind, code, batch_id, row_no, match_key, other_key)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, code = excluded.code
""")
OPEN_MEMBERS = sql("""
INSERT INTO ingest.unmatched (id, kind, code, batch_id, "row", tube_id, position, opened_at)
SELECT u.id, 'pool_member', u.code, u.batch_id, u.row_no, u.tube_id, u.position, CAST(:now AS timestamptz)
FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:batches AS uuid[]), CAST(:rows AS smallint[]),
    CAST(:tubes AS uuid[]), CAST(:positions AS smallint[]))
    AS u (id, code, batch_id, row_no, tube_id, position)
ON CONFLICT (tube_id, position) WHERE state = 'open' AND kind = 'pool_member' DO NOTHING
""")
RESOLVE_ROWS = sql("""
UPDATE ingest.unmatched SET state = 'resolved', resolved_at = CAST(:now AS timestamptz)
WHERE state = 'open' AND id = ANY(CAST(:ids AS uuid[]))
""")
RESOLVE_MEMBERS = sql("""
UPDATE ingest.unmatched w
SET state = CASE WHEN u.fault IS NULL THEN 'resolved' ELSE w.state END, code = coalesce(u.fault, w.code),
    resolved_at = CASE WHEN u.fault IS NULL THEN CAST(:now AS timestamptz) END
FROM unnest(CAST(:tubes AS uuid[]), CAST(:positions AS smallint[]), CAST(:faults AS text[]))
    AS u (tube_id, position, fault)
WHERE w.tube_id = u.tube_id AND w.position = u.position AND w.kind = 'pool_member' AND w.state = 'open'
""")
WAITING_FOR = sql("""
SELECT batch_id, "row" FROM ingest.unmatched
WHERE state = 'open' AND kind = 'row' AND match_key = ANY(CAST(:keys AS text[]))
UNION
SELECT batch_id, "row" FROM ingest.unmatched
WHERE state = 'open' AND kind = 'row' AND other_key IS NOT NULL AND other_key = ANY(CAST(:keys AS text[]))
""")


async def open_rows(session: Session, rows: Sequence[Any], *, now: datetime) -> None:
    """Put rows that are unmatched or held on the desk."""
    if not rows:
        return
    keys = [
        row_keys(tube_code=r.tube_code, health_code_id=r.health_code_id, id_index=r.id_index) for r in rows
    ]
    await execute(
        session,
        OPEN_ROWS,
        ids=[result_id(r.batch_id, r.row) for r in rows],
        kinds=["row" if r.state == "unmatched" else "held" for r in rows],
        codes=[r.code for r in rows],
        batches=[r.batch_id for r in rows],
        rows=[r.row for r in rows],
        keys=[each[0] for each in keys],
        others=[each[1] if len(each) > 1 else None for each in keys],
        now=now,
    )


async def open_members(
    session: Session, rows: Sequence[Any], tubes: Mapping[UUID, Tube], *, now: datetime
) -> None:
    """Put the members whom nobody knows, of tubes with a result, on the desk."""
    wanted = [(row, member) for row in rows for member in tubes[row.tube_id].unknown]
    if not wanted:
        return
    await execute(
        session,
        OPEN_MEMBERS,
        ids=[new_id(now) for _ in wanted],
        codes=[member.fault or "person_unknown" for _, member in wanted],
        batches=[row.batch_id for row, _ in wanted],
        rows=[row.row for row, _ in wanted],
        tubes=[row.tube_id for row, _ in wanted],
        positions=[member.position for _, member in wanted],
        now=now,
    )


async def resolve_rows(session: Session, rows: Sequence[Any], *, now: datetime) -> None:
    """Take rows that are matched now off the desk."""
    await execute(session, RESOLVE_ROWS, ids=[result_id(r.batch_id, r.row) for r in rows], now=now)


async def waiting_for(session: Session, keys: Sequence[str]) -> list[tuple[UUID, int]]:
    """Return the rows that wait for one of these keys."""
    return [(row["batch_id"], row["row"]) for row in await fetch_all(session, WAITING_FOR, keys=list(keys))]
