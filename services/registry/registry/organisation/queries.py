"""Statements over registry.organisation_history."""

from shared.db import sql

# A version of a team or a division that lay in another township then is that township's to see.
HISTORY = sql("""
    SELECT history_id, revision, details, sealed_contact, sealed_leader, changed_at AS superseded_at,
           changed_by AS superseded_by
    FROM registry.organisation_history
    WHERE what = :what AND code = :code
      AND (CAST(:before AS bigint) = 0 OR history_id < CAST(:before AS bigint))
      AND (NOT CAST(:limited AS boolean) OR what = 'department'
           OR details ->> 'township_code' = CAST(:area_township AS text))
    ORDER BY history_id DESC
    LIMIT :limit
""")
