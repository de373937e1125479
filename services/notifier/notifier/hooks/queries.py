"""Statements of bodies' own addresses."""

from shared.db import sql

_MINE = """
    (CAST(:township AS text) IS NULL OR code = :township)
    AND (CAST(:department AS text) IS NULL OR code = :department)
"""

KNOWN = sql(f"SELECT true FROM notifier.department WHERE code = :code AND {_MINE}")
PAGE = sql(
    f"SELECT * FROM notifier.webhook WHERE {_MINE} AND code > CAST(:after AS text) ORDER BY code LIMIT :limit"
)

PUT = sql("""
    INSERT INTO notifier.webhook (code, url, secret, changed_by, created_at, changed_at)
    VALUES (:code, :url, :secret, :by, :now, :now)
    ON CONFLICT (code) DO UPDATE
    SET url = excluded.url, changed_by = excluded.changed_by, changed_at = excluded.changed_at
    RETURNING *, (xmax = 0) AS made
""")

ROTATE = sql(f"""
    UPDATE notifier.webhook
    SET previous_secret = CASE WHEN CAST(:until AS timestamptz) IS NOT NULL THEN secret END,
        previous_until = CAST(:until AS timestamptz), secret = :secret, changed_by = :by, changed_at = :now
    WHERE code = :code AND {_MINE} RETURNING *
""")

DELETE = sql(f"DELETE FROM notifier.webhook WHERE code = :code AND {_MINE} RETURNING code")
