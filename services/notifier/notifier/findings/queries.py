"""Statements over the findings that were heard of."""

from shared.db import sql

HEAR = sql("INSERT INTO notifier.finding (finding_id) VALUES (:finding_id) ON CONFLICT DO NOTHING")

LOCK = sql("SELECT ended FROM notifier.finding WHERE finding_id = :finding_id FOR UPDATE")

END = sql("""
    INSERT INTO notifier.finding AS f (finding_id, ended, ended_at) VALUES (:finding_id, :ended, :now)
    ON CONFLICT (finding_id) DO UPDATE
    SET ended = coalesce(f.ended, excluded.ended), ended_at = coalesce(f.ended_at, excluded.ended_at)
""")
