"""Statements of the caps: counted by recipient, channel and business day at the first hand-over."""

from shared.db import sql

COUNT = sql("""
INSERT INTO notifier.daily_count AS c (recipient_type, recipient_code, channel, day, told)
SELECT new.recipient_type, new.recipient_code, :channel, :day, count(*)
FROM unnest(CAST(:recipient_types AS text[]), CAST(:recipient_codes AS text[]))
     AS new (recipient_type, recipient_code)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT ON CONSTRAINT daily_count_pk DO UPDATE SET told = c.told + excluded.told
RETURNING recipient_type, recipient_code, told
""")

HOLD = sql("""
UPDATE notifier.delivery
SET state = 'held', token = NULL, attempt = 0, not_before = :not_before
WHERE delivery_id = ANY(CAST(:delivery_ids AS uuid[]))
""")

# The oldest of a recipient's carries the others; business time. What was revoked meanwhile is not held.
DIGEST = sql("""
WITH due AS (
    SELECT d.delivery_id, first_value(d.delivery_id) OVER (
               PARTITION BY n.recipient_type, n.recipient_code, d.channel ORDER BY d.delivery_id) AS carrier
    FROM notifier.delivery d JOIN notifier.notice n USING (notice_id)
    WHERE d.state = 'held' AND d.digest_id IS NULL AND d.not_before <= CAST(:now AS timestamptz))
UPDATE notifier.delivery d
SET state = CASE WHEN d.delivery_id = due.carrier THEN 'queued' ELSE 'held' END,
    reason = CASE WHEN d.delivery_id = due.carrier THEN 'digest' ELSE d.reason END,
    digest_id = CASE WHEN d.delivery_id <> due.carrier THEN due.carrier END,
    due_at = clock_timestamp()
FROM due WHERE d.delivery_id = due.delivery_id AND d.state = 'held'
RETURNING d.delivery_id
""")

FOLLOW = sql("""
UPDATE notifier.delivery m SET digest_id = new.delivery_id
FROM unnest(CAST(:old_ids AS uuid[]), CAST(:delivery_ids AS uuid[])) AS new (old_id, delivery_id)
WHERE m.digest_id = new.old_id AND m.state = 'held'
""")

BRING_ALONG = sql("""
UPDATE notifier.delivery m SET state = c.state, error = c.error, handed_at = c.handed_at
FROM notifier.delivery c
WHERE m.digest_id = c.delivery_id AND (m.state = 'held' OR m.state = 'sent' AND c.state = 'delivered')
    AND c.delivery_id = ANY(CAST(:carriers AS uuid[])) AND c.state IN ('sent', 'delivered', 'failed')
RETURNING m.notice_id, m.state
""")

FORGET = sql("DELETE FROM notifier.daily_count WHERE day < :day")
