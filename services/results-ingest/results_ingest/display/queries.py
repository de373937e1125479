"""The statements of what is shown."""

from shared.db import sql

# First of every handler: messages come in any order, but one at a time.
LOCK = sql("SELECT acknowledged FROM ingest.display_head FOR UPDATE")

WAIT = sql("""
INSERT INTO ingest.display_waiting AS w (person_id, seq, since)
SELECT u.person_id, :seq, CAST(:since AS timestamptz)
FROM (SELECT DISTINCT p AS person_id FROM unnest(CAST(:people AS uuid[])) AS p) u ORDER BY u.person_id
ON CONFLICT ON CONSTRAINT display_waiting_pkey DO UPDATE SET seq = greatest(w.seq, excluded.seq),
    failed = CASE WHEN excluded.seq > w.seq THEN NULL ELSE w.failed END
""")
FAIL = sql("""
INSERT INTO ingest.display_waiting AS w (person_id, seq, since, failed)
SELECT u.person_id, :seq, CAST(:since AS timestamptz), u.code
FROM unnest(CAST(:people AS uuid[]), CAST(:codes AS text[])) AS u (person_id, code) ORDER BY u.person_id
ON CONFLICT ON CONSTRAINT display_waiting_pkey DO UPDATE SET failed = excluded.failed
WHERE w.seq <= excluded.seq
""")
ADVANCE = sql("""
UPDATE ingest.display_head SET acknowledged = greatest(acknowledged, :acknowledged),
    watermark = greatest(watermark, CAST(:watermark AS timestamptz))
""")
# Who was numbered up to what is acknowledged is shown.
SHOW = sql("""
DELETE FROM ingest.display_waiting WHERE failed IS NULL
    AND seq <= (SELECT acknowledged FROM ingest.display_head)
""")

POST = sql("""
INSERT INTO ingest.display_posted AS d (person_id, as_of, display, collected_at, client_id)
SELECT DISTINCT ON (c.person_id) c.person_id, CAST(:as_of AS timestamptz), u.display, u.collected_at,
    :client_id
FROM unnest(CAST(:codes AS text[]), CAST(:displays AS text[]), CAST(:collected AS timestamptz[]))
    AS u (code, display, collected_at)
JOIN ingest.identity_code c ON c.health_code_id = u.code
ORDER BY c.person_id, u.collected_at DESC NULLS LAST
ON CONFLICT ON CONSTRAINT display_posted_pkey DO UPDATE SET as_of = excluded.as_of,
    display = excluded.display, collected_at = excluded.collected_at, client_id = excluded.client_id
WHERE d.as_of <= excluded.as_of
""")
KNOWN = sql("""
SELECT health_code_id FROM ingest.identity_code WHERE health_code_id = ANY (CAST(:codes AS text[]))
""")
