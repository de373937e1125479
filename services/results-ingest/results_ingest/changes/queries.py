"""Statements of the feed of rows."""

from typing import Final

from shared.db import sql

# The epoch changes with another cluster and with a recovery to a point in time: numbers of transactions
# would then stand for other changes. Below `horizon` no transaction runs any more: what is there is all
# that there will be.
HEAD = sql("""
    SELECT k.xid AS kept, CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS horizon,
           concat_ws('.', (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id)
               AS epoch
      FROM ingest.row_change_kept k
""")

# From the position on; its own change once more where a page has ended inside it.
PAGE: Final = sql("""
    SELECT c.xid, c.n, c.batch_id, c.rows, b.rows AS all_rows, b.batch_no, b.lab_code, s.row_numbers
      FROM ingest.row_change c
      JOIN ingest.batch b ON b.batch_id = c.batch_id
      LEFT JOIN ingest.batch_sheet s ON s.batch_id = c.batch_id
     WHERE (c.xid, c.n) >= (CAST(:xid AS bigint), CAST(:n AS bigint)) AND c.xid < CAST(:horizon AS bigint)
       AND (CAST(:only AS text) IS NULL OR c.lab_code = :only)
       AND (CAST(:lab_code AS text) IS NULL OR c.lab_code = :lab_code)
     ORDER BY c.xid, c.n LIMIT :limit
""")

FORGET = sql("""
    WITH old AS (
        SELECT xid, n FROM ingest.row_change WHERE at < CAST(:before AS timestamptz)
         ORDER BY xid, n LIMIT :at_once FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM ingest.row_change c USING old WHERE c.xid = old.xid AND c.n = old.n RETURNING c.xid
    ), kept AS (
        UPDATE ingest.row_change_kept SET xid = greatest(xid, (SELECT max(xid) FROM gone))
         WHERE EXISTS (SELECT FROM gone)
    )
    SELECT count(*) FROM gone
""")
