"""The statements of orders."""

from shared.db import sql

# Nothing comes back for a state that is older than the one known; `xmax = 0`: it is new.
KEEP = sql("""
INSERT INTO ingest.test_order AS o (order_id, revision, kind, person_id, unit_code, township_code, opened_at,
    registered_at, state, sampled_at, resulted_at, tube_code, lab_code)
VALUES (:order_id, :revision, :kind, :person_id, :unit_code, :township_code, :opened_at, :registered_at,
    :state, :sampled_at, :resulted_at, :code, :lab_code)
ON CONFLICT (order_id) DO UPDATE
SET revision = excluded.revision, opened_at = excluded.opened_at, state = excluded.state,
    sampled_at = excluded.sampled_at, resulted_at = excluded.resulted_at, lab_code = excluded.lab_code
WHERE o.revision < excluded.revision
RETURNING order_id
""")
PAGE = sql("""
SELECT o.order_id, o.kind, o.person_id, o.unit_code,
    coalesce(u.township_code, o.township_code) AS township_code, o.opened_at, o.registered_at,
    o.state, o.sampled_at, o.resulted_at, o.tube_code, o.lab_code
FROM ingest.test_order o LEFT JOIN ingest.unit u ON u.unit_code = o.unit_code
WHERE o.order_id > CAST(:after AS uuid)
    AND (CAST(:state AS text) IS NULL OR o.state = :state)
    AND (CAST(:kind AS text) IS NULL OR o.kind = :kind)
    AND (CAST(:township AS text) IS NULL OR coalesce(u.township_code, o.township_code) = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
ORDER BY o.order_id LIMIT :limit
""")
LIMIT = sql("""
SELECT limit_minutes FROM ingest.clock WHERE subject_id = :order_id AND stage = 'recheck'
""")
CLOCKS = sql("""
SELECT subject_id, stage, due_at, ended_at, state FROM ingest.clock
WHERE subject_id = ANY(CAST(:ids AS uuid[])) ORDER BY subject_id, stage DESC
""")
