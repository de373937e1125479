"""Statements of what laboratories sent."""

from shared.db import sql

ONE = sql("""
    SELECT o.content_type, o.size, o.sealed, EXISTS (
           SELECT FROM ingest.legal_hold h
            WHERE h.released_at IS NULL AND (h.lab_code IS NULL OR h.lab_code = b.lab_code)
              AND b.received_at BETWEEN h.received_from AND coalesce(h.received_to, 'infinity')) AS held
      FROM ingest.batch b LEFT JOIN ingest.batch_original o ON o.batch_id = b.batch_id
     WHERE b.batch_id = :batch_id
""")
