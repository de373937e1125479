"""The statements of reviews."""

from shared.db import sql

OPEN = sql("""
INSERT INTO ingest.review AS r (result_id, person_ids, subject_type, subject_code, unit_code, lab_code,
    outcome, from_positive, collected_at, tested_at, opened_at)
SELECT u.result_id, u.person_ids, u.subject_type, u.subject_code, u.unit_code, u.lab_code, u.outcome,
    u.from_positive, u.collected_at, u.tested_at, CAST(:now AS timestamptz)
FROM jsonb_to_recordset(CAST(:openings AS jsonb)) AS u (result_id uuid, person_ids uuid[], subject_type text,
    subject_code text, unit_code text, lab_code text, outcome text, from_positive boolean,
    collected_at timestamptz, tested_at timestamptz)
ORDER BY u.result_id
ON CONFLICT (result_id) DO UPDATE SET person_ids = (
    SELECT array_agg(DISTINCT p ORDER BY p) FROM unnest(r.person_ids || excluded.person_ids) AS p
)
RETURNING result_id, revision, verdict, reviewed_at
""")

CLOSE_REPLACED = sql("""
UPDATE ingest.review SET state = 'closed', verdict = coalesce(verdict, 'replaced'), revision = revision + 1
WHERE result_id = ANY(CAST(:ids AS uuid[])) RETURNING result_id, revision
""")

EXISTS = sql("SELECT true FROM ingest.review WHERE result_id = :result_id")
LOCK = sql("""
SELECT v.*, r.superseded_by, b.client_id AS lab_client_id, u.township_code, u.department_code
FROM ingest.review v
JOIN ingest.result r ON r.batch_id = :batch_id AND r."row" = :row
JOIN ingest.batch b ON b.batch_id = :batch_id
LEFT JOIN ingest.unit u ON u.unit_code = v.unit_code
WHERE v.result_id = :result_id FOR UPDATE OF v
""")

RECORD = sql("""
UPDATE ingest.review SET state = 'closed', verdict = :verdict, revision = :revision, reviewed_at = :now,
    reviewer = :reviewer, note = :note, client_id = :client_id
WHERE result_id = :result_id
""")
RECORD_STEP = sql("""
INSERT INTO ingest.review_step (result_id, revision, verdict, at, reviewer, note, client_id)
VALUES (:result_id, :revision, :verdict, :now, :reviewer, :note, :client_id)
""")

LIST = sql("""
SELECT v.result_id, v.state, v.verdict, v.revision, v.subject_type, v.subject_code, v.unit_code, v.lab_code,
    v.outcome, v.from_positive, v.collected_at, v.tested_at, v.opened_at, v.reviewed_at
FROM ingest.review v
LEFT JOIN ingest.unit u ON u.unit_code = v.unit_code
WHERE (CAST(:state AS text) IS NULL OR v.state = :state)
    AND (v.opened_at, v.result_id) > (CAST(:since AS timestamptz), CAST(:after AS uuid))
    AND (CAST(:before AS timestamptz) IS NULL OR v.opened_at < :before)
    AND (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
ORDER BY v.opened_at, v.result_id LIMIT :limit
""")
