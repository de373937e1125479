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
    OR (CAST(:body_type AS text) IN ('lab', 'site') AND EXISTS (
            SELECT FROM notifier.address a WHERE a.body_type = :body_type AND a.code = :body_code
              AND (CAST(:township AS text) IS NULL OR a.township_code = :township)
              AND CAST(:department AS text) IS NULL))
    OR EXISTS ({VISIBLE} AND {_TO_BODY})
""")

_OF_BODY = f"""
    ({VISIBLE} AND {_TO_BODY}
        AND n.issued_at >= CAST(:first_moment AS timestamptz)
        AND n.issued_at < CAST(:end_moment AS timestamptz))
"""

COUNT = sql(f"SELECT count(*) FROM {_OF_BODY} v")

NOTICES = sql(f"""
SELECT m.notice_id, m.kind, m.number, m.level, m.subject_type, m.subject_code, m.as_of, m.issued_at,
       m.status, m.ack_due_at, m.sealed, m.acknowledged_at, m.acknowledged_client, m.acknowledgement,
       m.revoked_at, m.revoked_client, m.revocation
FROM notifier.notice m
WHERE m.notice_id IN (
    SELECT v.notice_id FROM {_OF_BODY} v WHERE v.notice_id > CAST(:after AS uuid))
ORDER BY m.notice_id
LIMIT :limit
""")

DELIVERIES = sql("""
SELECT notice_id, delivery_id, sequence, channel, reason, state, created_at, handed_at, provider_ref,
       delivered_at, read_at
FROM notifier.delivery WHERE notice_id = ANY(CAST(:notice_ids AS uuid[]))
ORDER BY notice_id, sequence, channel
""")

ATTEMPTS = sql("""
SELECT a.delivery_id, a.attempt, a.at, a.outcome, a.error
FROM notifier.delivery_attempt a JOIN notifier.delivery d USING (delivery_id)
WHERE d.notice_id = ANY(CAST(:notice_ids AS uuid[]))
ORDER BY a.delivery_id, a.attempt
""")

DOCUMENTS = sql("""
SELECT notice_id, format, sha256, first_at FROM notifier.notice_document
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) ORDER BY notice_id, first_at, format, sha256
""")

KEEP_PACKAGE = sql("""
INSERT INTO notifier.proof_package
    (package_id, body_type, body_code, first_day, last_day, notices, sha256, client_id, reason, made_at)
VALUES (:package_id, :body_type, :body_code, :first_day, :last_day, :notices, :sha256, :client_id, :reason,
        :now)
""")

SEEN = sql("""
SELECT notice_id, client_id, first_at FROM notifier.notice_seen
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) ORDER BY notice_id, first_at, client_id
""")

# What was done about a notice by whom it went to: answers to it, the report or interview that it asked
# for, and the figures of the slot that it missed.
ANSWERS = sql("""
SELECT s.notice_id, s.kind, s.client_id, s.at FROM notifier.feedback_step s
WHERE s.notice_id = ANY(CAST(:notice_ids AS uuid[]))
UNION ALL
SELECT n.notice_id, t.kind, t.client_id, t.recorded_at
FROM notifier.notice n JOIN notifier.ladder_breach b ON b.breach_id = n.source_id
CROSS JOIN LATERAL (
    SELECT s.kind, s.client_id, s.recorded_at FROM notifier.ladder_step s
    WHERE s.case_id = b.case_id AND s.run = b.run AND s.after_seq >= b.seq
      AND n.kind = 'task.' || s.kind AND s.client_id IS NOT NULL
    ORDER BY s.step_id LIMIT 1) t
WHERE n.notice_id = ANY(CAST(:notice_ids AS uuid[]))
UNION ALL
SELECT n.notice_id, 'filed', f.client_id, f.filed_at
FROM notifier.notice n
JOIN notifier.report_owed o ON o.slot_id = n.source_id
    AND o.body_type = n.recipient_type AND o.body_code = n.recipient_code
JOIN notifier.report_filing f ON f.owed_id = o.owed_id
WHERE n.notice_id = ANY(CAST(:notice_ids AS uuid[]))
ORDER BY notice_id, at, kind
""")
