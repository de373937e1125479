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

# A code that somebody holds now was not removed: its holder's own change tells of it.
PAGE: Final = """
    SELECT f.seq, f.person_id, f.removed_code, f.replaced_by,
           f.removed_code IS NOT NULL AND EXISTS (
               SELECT FROM registry.person p WHERE p.health_code_id = f.removed_code
           ) AS held
    FROM registry.feed f WHERE f.seq > $1 ORDER BY f.seq LIMIT $2
"""

ACKNOWLEDGE = sql("""
    INSERT INTO registry.status_ack (client_id, phase, seq, after_person, failed, acknowledged_at)
    VALUES (:client_id, :phase, :seq, :after, CAST(:failed AS jsonb), :now)
""")

OLDEST_KEPT = sql("""
    SELECT max(seq) FROM (
        SELECT seq, at FROM registry.feed ORDER BY seq LIMIT :limit
    ) oldest
    WHERE at < :before
""")

FORGET = sql("""
    WITH gone AS (DELETE FROM registry.feed WHERE seq <= :seq)
    UPDATE registry.feed_head SET kept_from = :seq WHERE kept_from < :seq
""")

FORGET_ACKS = sql("""
    DELETE FROM registry.status_ack WHERE ack_id IN (
        SELECT ack_id FROM registry.status_ack WHERE acknowledged_at < :before ORDER BY ack_id LIMIT :limit
    )
""")
