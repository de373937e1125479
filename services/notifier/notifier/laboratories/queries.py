"""Statements over the silences that were heard of."""

from shared.db import sql

# Nothing comes back for a state that is older than the one known.
HEAR = sql("""
    INSERT INTO notifier.lab_silence AS s (silence_id, revision) VALUES (:silence_id, :revision)
    ON CONFLICT (silence_id) DO UPDATE SET revision = excluded.revision WHERE s.revision < excluded.revision
    RETURNING silence_id
""")
