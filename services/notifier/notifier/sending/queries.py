"""Statements of the senders: leases and retries on PostgreSQL's clock, quiet hours on the business clock."""

from shared.db import sql

CLAIM = sql("""
WITH mine AS (
    SELECT d.delivery_id FROM notifier.delivery d
    WHERE d.state IN ('queued', 'sending', 'unknown') AND d.urgent = :urgent
      AND d.due_at <= clock_timestamp()
      AND (d.not_before IS NULL OR d.not_before <= CAST(:now AS timestamptz))
    ORDER BY d.due_at LIMIT :limit
    FOR UPDATE SKIP LOCKED),
claimed AS (
    UPDATE notifier.delivery d
    SET state = 'sending', attempt = d.attempt + 1, token = CAST(:token AS uuid),
        due_at = clock_timestamp() + make_interval(secs => :lease)
    FROM mine WHERE d.delivery_id = mine.delivery_id
    RETURNING d.*)
SELECT c.delivery_id, c.notice_id, c.sequence, c.channel, c.urgent, c.reason, c.attempt,
       n.kind, n.status, n.recipient_type, n.recipient_code,
       COALESCE(p.contact, u.contact, d.contact) AS contact
FROM claimed c
JOIN notifier.notice n USING (notice_id)
LEFT JOIN notifier.person p ON n.recipient_type = 'person' AND p.person_id = n.person_id
LEFT JOIN notifier.unit u ON n.recipient_type = 'unit' AND u.unit_code = n.recipient_code
LEFT JOIN notifier.department d
    ON n.recipient_type IN ('department', 'township', 'district', 'cdc') AND d.code = n.recipient_code
""")

RECORD = sql("""
UPDATE notifier.delivery
SET state = :state, error = :error, provider_ref = COALESCE(:reference, provider_ref), token = NULL,
    handed_at = CASE WHEN CAST(:state AS text) IN ('sent', 'delivered') THEN clock_timestamp() END,
    due_at = clock_timestamp() + make_interval(secs => :seconds)
WHERE delivery_id = :delivery_id AND token = CAST(:token AS uuid)
""")

ATTEMPT = sql("""
INSERT INTO notifier.delivery_attempt (delivery_id, attempt, outcome, error)
VALUES (:delivery_id, :attempt, :outcome, :error)
ON CONFLICT (delivery_id, attempt) DO NOTHING
""")

HANDED = sql("""
UPDATE notifier.notice SET status = :status
WHERE notice_id = :notice_id AND (
    status IN ('queued', 'failed') OR (status = 'sent' AND CAST(:status AS text) = 'delivered'))
""")

FAILED = sql("""
UPDATE notifier.notice n SET status = 'failed'
WHERE notice_id = :notice_id AND status = 'queued' AND NOT EXISTS (
    SELECT FROM notifier.delivery d
    WHERE d.notice_id = n.notice_id AND d.state NOT IN ('failed', 'dropped'))
""")

TO_REPEAT = sql("""
SELECT notice_id, kind, urgent, repeat_at, repeats, escalated, source_id, subject_type, subject_code,
       person_id, recipient_type, sealed, as_of
FROM notifier.notice
WHERE repeat_at <= CAST(:now AS timestamptz) AND status IN ('queued', 'sent', 'delivered', 'failed')
ORDER BY repeat_at LIMIT 100
FOR UPDATE SKIP LOCKED
""")

REPEATED = sql("""
UPDATE notifier.notice SET repeats = :repeats, repeat_at = :repeat_at, escalated = :escalated
WHERE notice_id = :notice_id
""")
