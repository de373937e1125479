"""Statements over queues and canaries; how old something is on PostgreSQL's clock."""

from shared.db import sql

# Only one process gets a canary's turn; nothing comes back while it is not due.
DUE = sql("""
INSERT INTO notifier.channel_state AS s (channel, canary_id, canary_at)
VALUES (:channel, :canary_id, clock_timestamp())
ON CONFLICT (channel) DO UPDATE
SET canary_id = excluded.canary_id, canary_at = clock_timestamp(), canary_handed_at = NULL,
    canary_delivered_at = NULL, canary_error = NULL
WHERE s.canary_at IS NULL OR s.canary_at <= clock_timestamp() - make_interval(secs => :seconds)
RETURNING canary_at
""")

SENT = sql("""
UPDATE notifier.channel_state
SET canary_handed_at = CASE WHEN CAST(:error AS text) IS NULL THEN clock_timestamp() END,
    canary_good_at = CASE WHEN CAST(:error AS text) IS NULL THEN clock_timestamp() ELSE canary_good_at END,
    canary_error = :error
WHERE channel = :channel AND canary_id = :canary_id
""")

STATES = sql("""
SELECT name.channel, s.success_at, s.failing_since, s.failures, s.error, s.error_at, s.canary_at,
       s.canary_handed_at, s.canary_good_at, s.canary_delivered_at, s.canary_error,
       extract(epoch FROM clock_timestamp() - s.canary_good_at) AS canary_age,
       coalesce(q.urgent, 0) AS urgent, coalesce(q.ordinary, 0) AS ordinary, coalesce(q.held, 0) AS held,
       q.oldest
FROM unnest(CAST(:channels AS text[])) AS name (channel)
LEFT JOIN notifier.channel_state s USING (channel)
LEFT JOIN (
    SELECT d.channel, count(*) FILTER (WHERE d.urgent AND d.state <> 'held') AS urgent,
           count(*) FILTER (WHERE NOT d.urgent AND d.state <> 'held') AS ordinary,
           count(*) FILTER (WHERE d.state = 'held') AS held,
           extract(epoch FROM clock_timestamp()
                   - min(d.created_at) FILTER (WHERE d.state <> 'held')) AS oldest
    FROM notifier.delivery d
    WHERE d.state IN ('queued', 'sending', 'unknown') AND (d.not_before IS NULL OR d.not_before <= :now)
        OR d.state = 'held'
    GROUP BY d.channel) q USING (channel)
ORDER BY name.channel
""")

FAILED = sql("""
SELECT recipient_type, count(*) AS notices FROM notifier.notice
WHERE status = 'failed' GROUP BY recipient_type
""")
