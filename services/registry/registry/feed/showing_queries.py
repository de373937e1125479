"""Statements of telling what the platform has shown."""

from shared.db import sql

# Nothing is new: feed and acknowledgements stand where they stood, and a moment after the newest change
# has been told. Asked first, and without a lock: an idle system writes nothing.
AT_REST = sql("""
    SELECT (p.acknowledged = 0 OR (p.told_seq = h.seq
        AND p.told_at >= coalesce(
            (SELECT b.at FROM registry.feed_block b ORDER BY b.first_seq DESC LIMIT 1), '-infinity')
        AND p.told_at > CAST(:stale AS timestamptz)))
        AND NOT EXISTS (SELECT FROM registry.status_ack a WHERE a.ack_id > p.told_ack)
    FROM registry.display_progress p CROSS JOIN registry.feed_head h
""")

# Whoever holds the row tells. A store that was restored may be older than what was told.
TAKE = sql("""
    SELECT least(p.told_seq, h.seq) AS told_seq, least(p.acknowledged, h.seq) AS acknowledged, p.told_ack,
        p.candidate_at, p.candidate_real, p.candidate_xid, p.confirmed_at, p.told_at, h.seq AS head
    FROM registry.display_progress p CROSS JOIN registry.feed_head h
    FOR UPDATE OF p SKIP LOCKED
""")

# Of clients that follow everybody: an area's reader shows only its own.
ACKNOWLEDGED = sql("""
    SELECT a.ack_id, a.phase, a.seq, a.failed FROM registry.status_ack a
    WHERE a.ack_id > :told_ack AND NOT EXISTS (
        SELECT FROM registry.client c WHERE c.client_id = a.client_id AND c.area_code IS NOT NULL)
    ORDER BY a.ack_id LIMIT :limit
""")

PERSONS = sql("""
    SELECT health_code_id, person_id FROM registry.person
    WHERE health_code_id = ANY (CAST(:codes AS text[]))
""")

# Every transaction that had begun to write has ended, and what it sent is applied. Dead letters are left out:
# they wait for an operator, who would otherwise hold up everybody's display.
APPLIED = sql("""
    SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS numeric)
            >= CAST(CAST(:xid AS text) AS numeric)
        AND NOT EXISTS (
            SELECT FROM bus.delivery d JOIN bus.message m ON m.message_id = d.message_id
            WHERE d.consumer = 'registry' AND d.state IN ('pending', 'claimed')
              AND m.created_at <= CAST(:real AS timestamptz)
              AND m.name IN ('samples.bound', 'results.applied', 'negatives.applied', 'review.recorded'))
""")

PENDING = sql("SELECT person_ids FROM registry.feed_pending WHERE cardinality(person_ids) > 0")

BLOCKS = sql("""
    SELECT last_seq, person_ids FROM registry.feed_block
    WHERE last_seq > :told_seq AND first_seq > :told_seq - 20000
    ORDER BY first_seq LIMIT :limit
""")

CANDIDATE = sql("""
    SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS xid, clock_timestamp() AS real
""")

KEEP = sql("""
    UPDATE registry.display_progress SET told_seq = :told_seq, acknowledged = :acknowledged,
        told_ack = :told_ack, candidate_at = CAST(:candidate_at AS timestamptz),
        candidate_real = CAST(:candidate_real AS timestamptz), candidate_xid = CAST(:candidate_xid AS text),
        confirmed_at = CAST(:confirmed_at AS timestamptz), told_at = CAST(:told_at AS timestamptz)
""")
