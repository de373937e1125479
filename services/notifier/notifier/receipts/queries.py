"""Statements over delivery receipts. A notice is locked before its deliveries, as where one is revoked."""

from shared.db import sql

KEPT = sql("SELECT * FROM notifier.delivery_receipt WHERE channel = :channel AND event_id = :event_id")

NOTICE = sql("""
SELECT n.notice_id FROM notifier.notice n
WHERE n.notice_id = (
    SELECT notice_id FROM notifier.delivery
    WHERE channel = :channel AND (delivery_id = CAST(:delivery_id AS uuid) OR provider_ref = :message_id)
    ORDER BY delivery_id LIMIT 1)
FOR UPDATE
""")

DELIVERY = sql("""
SELECT delivery_id, notice_id, state, reason, next_channels FROM notifier.delivery
WHERE channel = :channel AND (delivery_id = CAST(:delivery_id AS uuid) OR provider_ref = :message_id)
ORDER BY delivery_id LIMIT 1
FOR UPDATE
""")

CANARY = sql("""
UPDATE notifier.channel_state
SET canary_delivered_at = CASE WHEN CAST(:status AS text) <> 'failed' THEN CAST(:at AS timestamptz) END,
    canary_error = CASE WHEN CAST(:status AS text) = 'failed' THEN 'provider_failed' END
WHERE channel = :channel AND canary_id = CAST(:delivery_id AS uuid)
RETURNING canary_id
""")

KEEP = sql("""
INSERT INTO notifier.delivery_receipt (channel, event_id, delivery_id, status, at, digest)
VALUES (:channel, :event_id, :delivery_id, :status, :at, :digest)
ON CONFLICT ON CONSTRAINT delivery_receipt_pk DO NOTHING
RETURNING *
""")

# Whoever is sending it at this moment has lost it: what came of that says less than this.
DELIVERED = sql("""
UPDATE notifier.delivery
SET state = 'delivered', error = NULL, token = NULL, handed_at = coalesce(handed_at, clock_timestamp()),
    delivered_at = least(delivered_at, CAST(:at AS timestamptz)),
    read_at = CASE WHEN CAST(:status AS text) = 'read' THEN least(read_at, CAST(:at AS timestamptz))
                   ELSE read_at END
WHERE delivery_id = :delivery_id
RETURNING delivery_id, notice_id, state, reason, next_channels
""")

# A failure never takes back what has arrived; and of a message that was given up it says nothing new.
FAILED = sql("""
UPDATE notifier.delivery SET state = 'failed', error = 'provider_failed', token = NULL
WHERE delivery_id = :delivery_id AND state IN ('queued', 'sending', 'unknown', 'sent')
RETURNING delivery_id, notice_id, state, reason, next_channels
""")

NOBODY_GOT_IT = sql("""
UPDATE notifier.notice n SET status = 'failed'
WHERE n.notice_id = ANY(CAST(:notice_ids AS uuid[])) AND n.status IN ('queued', 'sent') AND NOT EXISTS (
    SELECT FROM notifier.delivery d
    WHERE d.notice_id = n.notice_id AND d.state NOT IN ('failed', 'dropped'))
""")
