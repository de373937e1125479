"""Statements over the notices of clocks that were heard of."""

from shared.db import sql

# Nothing comes back for a revision that is older than the one known.
HEAR = sql("""
    INSERT INTO notifier.clock_notice AS n (notice_id, revision) VALUES (:notice_id, :revision)
    ON CONFLICT (notice_id) DO UPDATE SET revision = excluded.revision WHERE n.revision < excluded.revision
    RETURNING notice_id
""")
