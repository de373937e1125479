"""Statements over the appeals that were heard of."""

from shared.db import sql

# Nothing comes back for a state that is older than the one known.
HEAR = sql("""
    INSERT INTO notifier.appeal AS a (appeal_id, revision) VALUES (:appeal_id, :revision)
    ON CONFLICT (appeal_id) DO UPDATE SET revision = excluded.revision WHERE a.revision < excluded.revision
    RETURNING appeal_id
""")
