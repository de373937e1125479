"""Statements of proofs: what a body was sent and what became of it."""

from notifier.notices.queries import VISIBLE
from shared.db import sql

_TO_BODY = "n.recipient_type = :body_type AND n.recipient_code = :body_code"

# Whether the caller may ask of this body: it lies inside the area, or was sent something there.
KNOWN = sql(f"""
SELECT (CAST(:body_type AS text) = 'unit' AND EXISTS (
            SELECT FROM notifier.unit u WHERE u.unit_code = :body_code
              AND (CAST(:township AS text) IS NULL OR u.township_code = :township)
              AND (CAST(:department AS text) IS NULL OR u.department_code = :department)))
    OR (CAST(:body_type AS text) IN ('department', 'township', 'district', 'cdc') AND EXISTS (
            SELECT FROM notifier.department d WHERE d.code = :body_code
              AND (CAST(:township AS text) IS NULL OR d.code = :township)
              AND (CAST(:department AS text) IS NULL OR d.code = :department)))
    OR EXISTS ({VISIBLE} AND {_TO_BODY})
""")

NOTICES = sql(f"""
SELECT m.notice_id, m.kind, m.number, m.level, m.subject_type, m.subject_code, m.as_of, m.issued_at,
       m.status, m.ack_due_at, m.sealed, m.acknowledged_at, m.acknowledged_client, m.acknowledgement,
       m.revoked_at, m.revoked_client, m.revocation
FROM notifier.notice m
WHERE m.notice_id IN (
    SELECT v.notice_id FROM ({VISIBLE} AND {_TO_BODY}
        AND n.issued_at >= CAST(:first_moment AS timestamptz)
        AND n.issued_at < CAST(:end_moment AS timestamptz)
        AND n.notice_id > CAST(:after AS uuid)) v)
ORDER BY m.notice_id
LIMIT :limit
""")

DELIVERIES = sql("""
SELECT notice_id, delivery_id, sequence, channel, reason, state, created_at, handed_at, provider_ref
FROM notifier.delivery WHERE notice_id = ANY(CAST(:notice_ids AS uuid[]))
ORDER BY notice_id, sequence, channel
""")

ATTEMPTS = sql("""
SELECT a.delivery_id, a.attempt, a.at, a.outcome, a.error
FROM notifier.delivery_attempt a JOIN notifier.delivery d USING (delivery_id)
WHERE d.notice_id = ANY(CAST(:notice_ids AS uuid[]))
ORDER BY a.delivery_id, a.attempt
""")

SEEN = sql("""
SELECT notice_id, client_id, first_at FROM notifier.notice_seen
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) ORDER BY notice_id, first_at, client_id
""")
