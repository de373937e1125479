"""Statements of the senders: leases and retries on PostgreSQL's clock, quiet hours on the business clock."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

REPEATS: Final = "repeats"

# What is urgent goes to whoever is on duty at that moment, once it was escalated to the leader (row 125).
# Every second all that is quiet yet is passed over: in the index `delivery_claimed`, without reading a row.
CLAIM = sql("""
WITH mine AS (
    SELECT d.delivery_id FROM notifier.delivery d
    WHERE d.state IN ('queued', 'sending', 'unknown') AND d.channel = :channel AND d.urgent = :urgent
      AND (NOT CAST(:going_on AS boolean) OR d.next_channels <> '{}')
      AND d.due_at <= clock_timestamp()
      AND COALESCE(d.not_before, '-infinity') <= CAST(:now AS timestamptz)
    ORDER BY d.due_at LIMIT :limit
    FOR UPDATE SKIP LOCKED),
claimed AS (
    UPDATE notifier.delivery d
    SET state = 'sending', attempt = d.attempt + 1, token = CAST(:token AS uuid),
        due_at = clock_timestamp() + make_interval(secs => :lease)
    FROM mine WHERE d.delivery_id = mine.delivery_id
    RETURNING d.*)
SELECT c.delivery_id, c.notice_id, c.sequence, c.channel, c.urgent, c.reason, c.attempt, c.next_channels,
       clock_timestamp() AS at, n.kind, n.status, n.recipient_type, n.recipient_code,
       COALESCE(p.contact, u.contact, d.contact, a.contact) AS contact, s.contact AS on_duty,
       w.url, w.secret, w.previous_secret, w.previous_until
FROM claimed c
JOIN notifier.notice n USING (notice_id)
LEFT JOIN notifier.person p ON n.recipient_type = 'person' AND p.person_id = n.person_id
LEFT JOIN notifier.unit u ON n.recipient_type = 'unit' AND u.unit_code = n.recipient_code
LEFT JOIN notifier.department d
    ON n.recipient_type IN ('department', 'township', 'district', 'cdc') AND d.code = n.recipient_code
LEFT JOIN notifier.address a ON a.body_type = n.recipient_type AND a.code = n.recipient_code
LEFT JOIN LATERAL (
    SELECT CASE WHEN n.escalated THEN s.leader ELSE s.on_call END AS contact
    FROM notifier.roster_shift s
    WHERE c.urgent AND s.department_code = d.code AND s.withdrawn_at IS NULL
      AND s.starts_at <= CAST(:now AS timestamptz) AND s.ends_at > CAST(:now AS timestamptz)
    LIMIT 1) s ON true
LEFT JOIN notifier.webhook w ON w.code = d.code
ORDER BY c.delivery_id
""")

# Of a channel that is not in use any more: they are given up, so that they go on or count as failed.
ORPHANED = sql("""
SELECT DISTINCT channel FROM notifier.delivery
WHERE state IN ('queued', 'sending', 'unknown') AND channel <> ALL(CAST(:channels AS text[]))
""")

# One whose lease was lost in the meantime is not in `kept` and changes nothing but its attempts.
RECORD = sql("""
UPDATE notifier.delivery d
SET state = done.state, error = done.error, provider_ref = COALESCE(done.reference, d.provider_ref),
    token = NULL,
    handed_at = CASE WHEN done.state IN ('sent', 'delivered') THEN clock_timestamp() END,
    due_at = clock_timestamp() + make_interval(secs => done.seconds)
FROM unnest(CAST(:delivery_ids AS uuid[]), CAST(:states AS text[]), CAST(:errors AS text[]),
            CAST(:references AS text[]), CAST(:seconds AS float8[]))
     AS done (delivery_id, state, error, reference, seconds)
WHERE d.delivery_id = done.delivery_id AND d.token = CAST(:token AS uuid)
RETURNING d.delivery_id, d.notice_id, d.state, d.reason, d.next_channels
""")

# Where one channel has not taken a delivery the next of its route gets it, under a key of its own.
GO_ON = sql("""
INSERT INTO notifier.delivery
    (delivery_id, notice_id, sequence, channel, next_channels, urgent, reason, not_before)
SELECT new.delivery_id, d.notice_id, d.sequence, d.next_channels[1], d.next_channels[2:], d.urgent, d.reason,
       d.not_before
FROM unnest(CAST(:delivery_ids AS uuid[]), CAST(:old_ids AS uuid[])) AS new (delivery_id, old_id)
JOIN notifier.delivery d ON d.delivery_id = new.old_id
ON CONFLICT ON CONSTRAINT delivery_once DO NOTHING
""")

ATTEMPTS = sql("""
INSERT INTO notifier.delivery_attempt (delivery_id, attempt, outcome, error)
SELECT * FROM unnest(CAST(:delivery_ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:states AS text[]),
                     CAST(:errors AS text[]))
ON CONFLICT (delivery_id, attempt) DO NOTHING
""")

HANDED = sql("""
UPDATE notifier.notice n SET status = CAST(:status AS text)
FROM (SELECT notice_id FROM notifier.notice
      WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) ORDER BY notice_id FOR UPDATE) mine
WHERE n.notice_id = mine.notice_id AND (
    n.status IN ('queued', 'failed') OR (n.status = 'sent' AND CAST(:status AS text) = 'delivered'))
""")

FAILED = sql("""
UPDATE notifier.notice n SET status = 'failed'
FROM (SELECT notice_id FROM notifier.notice
      WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) ORDER BY notice_id FOR UPDATE) mine
WHERE n.notice_id = mine.notice_id AND n.status = 'queued' AND NOT EXISTS (
    SELECT FROM notifier.delivery d
    WHERE d.notice_id = n.notice_id AND d.state NOT IN ('failed', 'dropped'))
""")

TO_REPEAT = sql(f"""
SELECT notice_id, kind, urgent, repeat_at, repeats, escalated, source_id, subject_type, subject_code,
       person_id, recipient_type, sealed, as_of
FROM notifier.notice
WHERE repeat_at <= CAST(:now AS timestamptz) AND status IN ('queued', 'sent', 'delivered', 'failed')
    AND {not_put_off(REPEATS, "CAST(notice_id AS text)", consumer="notifier")}
ORDER BY repeat_at LIMIT 100
FOR UPDATE SKIP LOCKED
""")

REPEATED = sql("""
UPDATE notifier.notice SET repeats = :repeats, repeat_at = :repeat_at, escalated = :escalated
WHERE notice_id = :notice_id
""")
