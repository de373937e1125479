"""The statements of the desk."""

from shared.db import sql

LIST = sql("""
SELECT w.id, w.kind, w.state, w.code, w.batch_id, w."row", w.position, w.opened_at, w.resolved_at,
    w.decision, r.lab_code, r.row_ref, r.outcome, r.test_kind, r.collected_at, r.tested_at, r.reported_at,
    r.health_code_id, r.id_type, coalesce(r.tube_code, t.tube_code) AS tube_code,
    m.health_code_id AS member_health_code_id, m.id_type AS member_id_type
FROM ingest.unmatched w
CROSS JOIN LATERAL (
    SELECT x.* FROM ingest.result x WHERE x.batch_id = w.batch_id AND x."row" = w."row" OFFSET 0
) r
LEFT JOIN LATERAL (SELECT x.tube_code FROM ingest.tube x WHERE x.tube_id = w.tube_id OFFSET 0) t ON true
LEFT JOIN LATERAL (
    SELECT x.health_code_id, x.id_type FROM ingest.tube_member x
    WHERE x.tube_id = w.tube_id AND x.position = w.position OFFSET 0
) m ON true
WHERE (CAST(:state AS text) IS NULL OR w.state = :state) AND (CAST(:kind AS text) IS NULL OR w.kind = :kind)
    AND w.id > CAST(:after AS uuid)
ORDER BY w.id LIMIT :limit
""")

LOCK = sql("SELECT * FROM ingest.unmatched WHERE id = :id FOR UPDATE")
PERSON = sql("SELECT person_id FROM ingest.identity_code WHERE health_code_id = :health_code_id")
STATE = sql('SELECT state FROM ingest.result WHERE batch_id = :batch_id AND "row" = :row')

HOLD_REJECTED = sql("""
UPDATE ingest.result SET state = 'held', code = CASE WHEN state = 'unmatched' THEN 'rejected' ELSE code END
WHERE batch_id = :batch_id AND "row" = :row AND state IN ('unmatched', 'held')
""")
DECIDE = sql("""
UPDATE ingest.unmatched SET state = :state, decision = :decision,
    health_code_id = CAST(:health_code_id AS text),
    reason = :reason, client_id = :client_id, resolved_at = CAST(:now AS timestamptz)
WHERE id = :id
""")
