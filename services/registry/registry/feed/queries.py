"""Statements of the feed. HEAD and PAGE are run by `shared.reads`."""

from typing import Final

from shared.db import sql

# The epoch changes by itself with a promoted replica or a recovery to a point in time: the reader's
# numbers would then stand for other changes.
HEAD: Final = """
    SELECT h.seq, h.kept_from,
           concat_ws('.', h.epoch, (pg_control_system()).system_identifier,
                     (pg_control_checkpoint()).timeline_id) AS epoch
    FROM registry.feed_head h
"""

# The numbers from $1 on, $2 at most, block by block: in a block the removed codes come first, then the
# people. Numbers have no gaps, so the page's blocks are known beforehand; 20,000 is the bound of a block.
# The block after the page says that there is more. A code that somebody holds now was not removed: its
# holder's own change tells of it.
PAGE: Final = """
    SELECT b.last_seq, gone.codes AS removed, gone.by AS replaced_by,
           b.person_ids[greatest(1, place.first - cardinality(b.removed))
                        : place.last - cardinality(b.removed)] AS person_ids
    FROM registry.feed_block b
    CROSS JOIN LATERAL (
        SELECT CAST($1 - b.first_seq + 2 AS int) AS first, CAST($1 + $2 - b.first_seq + 1 AS int) AS last
    ) place
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(r.code ORDER BY r.n), '{}') AS codes,
               coalesce(array_agg(r.by ORDER BY r.n), '{}') AS by
        FROM unnest(b.removed, b.replaced_by) WITH ORDINALITY AS r (code, by, n)
        WHERE r.n BETWEEN place.first AND place.last
          AND NOT EXISTS (SELECT FROM registry.person p WHERE p.health_code_id = r.code)
    ) gone
    WHERE b.first_seq > CAST($1 AS bigint) - 20000 AND b.first_seq <= $1 + CAST($2 AS bigint) + 1
      AND b.last_seq > $1
    ORDER BY b.first_seq
"""

ACKNOWLEDGE = sql("""
    INSERT INTO registry.status_ack (client_id, phase, seq, after_person, failed, acknowledged_at)
    VALUES (:client_id, :phase, :seq, :after, CAST(:failed AS jsonb), :now)
""")

OLDEST_KEPT = sql("""
    SELECT max(last_seq) FROM (
        SELECT last_seq, at FROM registry.feed_block ORDER BY first_seq LIMIT :limit
    ) oldest
    WHERE at < :before
""")

FORGET = sql("""
    WITH gone AS (DELETE FROM registry.feed_block WHERE last_seq <= :seq)
    UPDATE registry.feed_head SET kept_from = :seq WHERE kept_from < :seq
""")

FORGET_ACKS = sql("""
    DELETE FROM registry.status_ack WHERE ack_id IN (
        SELECT ack_id FROM registry.status_ack WHERE acknowledged_at < :before ORDER BY ack_id LIMIT :limit
    )
""")
