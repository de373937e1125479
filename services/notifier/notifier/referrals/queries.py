"""Statements over the referrals that were heard of."""

from shared.db import sql

# Nothing comes back for a state that is older than the one known.
HEAR = sql("""
    INSERT INTO notifier.referral AS r (referral_id, revision) VALUES (:referral_id, :revision)
    ON CONFLICT (referral_id) DO UPDATE SET revision = excluded.revision WHERE r.revision < excluded.revision
    RETURNING referral_id
""")
