"""The statements of a result's history."""

from shared.db import sql

# A laboratory sees its own; a client with an area what was taken of its units and at its sites.
LINK = sql("""
SELECT r.batch_id, r."row", r.lab_code, r.outcome, r.test_kind, r.mode, r.state, r.code, r.tested_at,
    r.collected_at, r.reported_at, r.tube_code, r.corrects_batch, r.corrects_row, r.superseded_by,
    coalesce(r.from_positive, false) AS from_positive,
    (SELECT o.region FROM ingest.lab_origin o
     WHERE o.lab_code = r.lab_code AND o.told_at <= r.reported_at
     ORDER BY o.told_at DESC LIMIT 1) AS source_region
FROM ingest.result r
WHERE r.batch_id = :batch_id AND r."row" = :row
    AND (CAST(:lab AS text) IS NULL OR r.lab_code = :lab)
    AND (NOT CAST(:limited AS boolean) OR EXISTS (
        SELECT FROM ingest.tube t
        LEFT JOIN ingest.unit u ON u.unit_code = t.unit_code
        LEFT JOIN ingest.site s ON s.site_code = t.site_code
        WHERE t.tube_id = r.tube_id
            AND (CAST(:township AS text) IS NULL OR coalesce(u.township_code, s.township_code) = :township)
            AND (CAST(:department AS text) IS NULL OR u.department_code = :department)))
""")
BATCH_NO = sql("SELECT batch_no FROM ingest.batch WHERE batch_id = :batch_id")
PARTS = sql("SELECT sealed FROM ingest.batch_part WHERE batch_id = :batch_id ORDER BY part")
REVIEW = sql("""
SELECT state, verdict, opened_at FROM ingest.review WHERE result_id = :result_id
""")
STEPS = sql("""
SELECT revision, verdict, at, client_id FROM ingest.review_step WHERE result_id = :result_id ORDER BY revision
""")
