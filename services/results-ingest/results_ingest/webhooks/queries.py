"""Statements of laboratories' own addresses and of calls to them."""

from shared.db import sql

ONE = sql("SELECT * FROM ingest.webhook WHERE lab_code = :lab_code")
LAB = sql("SELECT true FROM ingest.lab WHERE lab_code = :lab_code AND active")

PUT = sql("""
    INSERT INTO ingest.webhook (lab_code, url, secret, changed_by, created_at, changed_at)
    VALUES (:lab_code, :url, :secret, :by, :now, :now)
    ON CONFLICT (lab_code) DO UPDATE SET url = EXCLUDED.url, changed_by = EXCLUDED.changed_by,
        changed_at = EXCLUDED.changed_at
    RETURNING *, (xmax = 0) AS made
""")
ROTATE = sql("""
    UPDATE ingest.webhook
       SET previous_secret = CASE WHEN CAST(:until AS timestamptz) IS NOT NULL THEN secret END,
           previous_until = CAST(:until AS timestamptz), secret = :secret, changed_by = :by, changed_at = :now
     WHERE lab_code = :lab_code RETURNING *
""")
DELETE = sql("DELETE FROM ingest.webhook WHERE lab_code = :lab_code RETURNING lab_code")
DROP_WAITING = sql("""
    UPDATE ingest.webhook_delivery SET state = 'dropped', token = NULL
     WHERE lab_code = :lab_code AND state = 'waiting'
""")

PAGE = sql("""
    SELECT d.*, b.batch_no FROM ingest.webhook_delivery d JOIN ingest.batch b ON b.batch_id = d.batch_id
     WHERE (CAST(:only AS text) IS NULL OR d.lab_code = :only)
       AND (CAST(:lab_code AS text) IS NULL OR d.lab_code = :lab_code)
       AND (CAST(:state AS text) IS NULL OR d.state = :state)
       AND d.batch_id < :before
     ORDER BY d.batch_id DESC LIMIT :limit
""")

# Also of a batch that was complete before there was an address.
AGAIN = sql("""
    INSERT INTO ingest.webhook_delivery AS d (batch_id, lab_code)
    SELECT b.batch_id, b.lab_code FROM ingest.batch b
     WHERE b.batch_id = :batch_id AND b.lab_code = :lab_code AND NOT EXISTS (
           SELECT FROM ingest.batch_part p WHERE p.batch_id = b.batch_id AND p.applied_at IS NULL)
    ON CONFLICT (batch_id) DO UPDATE
       SET state = 'waiting', attempt = 0, due_at = clock_timestamp(), token = NULL, error = NULL
    RETURNING d.*
""")

# Attempts and leases on PostgreSQL's clock. Only the oldest few of each laboratory at once: one that does not
# answer holds up nobody else.
CLAIM = sql("""
    WITH due AS (
        SELECT d.batch_id,
               row_number() OVER (PARTITION BY d.lab_code ORDER BY d.due_at, d.batch_id) AS place
          FROM ingest.webhook_delivery d
         WHERE d.state = 'waiting' AND d.due_at <= clock_timestamp()
    ), mine AS (
        SELECT d.batch_id FROM ingest.webhook_delivery d JOIN due ON due.batch_id = d.batch_id
         WHERE due.place <= :each AND d.state = 'waiting' AND d.due_at <= clock_timestamp()
         ORDER BY d.due_at LIMIT :limit FOR UPDATE OF d SKIP LOCKED
    ), claimed AS (
        UPDATE ingest.webhook_delivery d
           SET attempt = d.attempt + 1, attempts = d.attempts + 1, token = CAST(:token AS uuid),
               tried_at = clock_timestamp(), due_at = clock_timestamp() + make_interval(secs => :lease)
          FROM mine WHERE d.batch_id = mine.batch_id RETURNING d.*
    )
    SELECT c.batch_id, c.lab_code, c.attempt, c.completed_at, clock_timestamp() AS at,
           b.batch_no, b.received_at, b.sha256, b.rows, b.accepted, b.rejected, b.duplicates,
           w.url, w.secret, w.previous_secret, w.previous_until, r.matched, r.unmatched, r.held
      FROM claimed c
      JOIN ingest.batch b ON b.batch_id = c.batch_id
      LEFT JOIN ingest.webhook w ON w.lab_code = c.lab_code
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE x.state = 'matched') AS matched,
                  count(*) FILTER (WHERE x.state = 'unmatched') AS unmatched,
                  count(*) FILTER (WHERE x.state = 'held') AS held
             FROM ingest.result x WHERE x.batch_id = c.batch_id) AS r
""")

# One whose lease was lost meanwhile, or that was dropped or asked for again, stays as it is.
RECORD = sql("""
    UPDATE ingest.webhook_delivery
       SET state = :state, error = :error, token = NULL,
           due_at = clock_timestamp() + make_interval(secs => :seconds),
           delivered_at = coalesce(
               CASE WHEN CAST(:state AS text) = 'delivered' THEN clock_timestamp() END, delivered_at)
     WHERE batch_id = :batch_id AND token = CAST(:token AS uuid)
""")
