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

# Numbers have no gaps, so the page's blocks are known beforehand; 20,000 is the bound of a block. A
# code that somebody holds now was not removed: its holder's own change tells of it.
PAGE: Final = """
    SELECT b.first_seq + each.n - 1 AS seq, each.person_id, each.removed_code, each.replaced_by,
           each.removed_code IS NOT NULL AND EXISTS (
               SELECT FROM registry.person p WHERE p.health_code_id = each.removed_code
           ) AS held
    FROM registry.feed_block b CROSS JOIN LATERAL (
        SELECT r.n, CAST(NULL AS uuid) AS person_id, r.code AS removed_code, r.by AS replaced_by
        FROM unnest(b.removed, b.replaced_by) WITH ORDINALITY AS r (code, by, n)
        UNION ALL
        SELECT cardinality(b.removed) + u.n, u.person_id, NULL, NULL
        FROM unnest(b.person_ids) WITH ORDINALITY AS u (person_id, n)
    ) AS each
    WHERE b.first_seq > CAST($1 AS bigint) - 20000 AND b.first_seq <= $1 + CAST($2 AS bigint)
      AND b.last_seq > $1
      AND b.first_seq + each.n - 1 > $1 AND b.first_seq + each.n - 1 <= $1 + CAST($2 AS bigint)
    ORDER BY 1
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
