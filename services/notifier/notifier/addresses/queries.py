"""Statements over addresses of laboratories and sampling sites."""

from typing import Final

from shared.db import sql

# A laboratory has its own, a township those of its sites, a department none.
_MINE: Final = """
    (CAST(:lab AS text) IS NULL OR (a.body_type = 'lab' AND a.code = :lab))
    AND (CAST(:township AS text) IS NULL OR a.township_code = :township)
    AND CAST(:department AS text) IS NULL
"""
_COLUMNS: Final = "a.body_type, a.code, a.name, a.township_code, a.contact, a.changed_by, a.changed_at"

PAGE = sql(f"""
SELECT {_COLUMNS} FROM notifier.address a
WHERE {_MINE} AND (CAST(:body_type AS text) IS NULL OR a.body_type = :body_type)
  AND (a.body_type, a.code) > (CAST(:after_type AS text), CAST(:after_code AS text))
ORDER BY a.body_type, a.code LIMIT :limit
""")

LOCK = sql(f"""
SELECT {_COLUMNS} FROM notifier.address a
WHERE a.body_type = :body_type AND a.code = :code AND {_MINE} FOR UPDATE
""")

ONE = sql(
    f"SELECT {_COLUMNS} FROM notifier.address a WHERE a.body_type = :body_type AND a.code = :code AND {_MINE}"
)

PUT = sql(f"""
INSERT INTO notifier.address AS a (body_type, code, name, township_code, contact, changed_by, changed_at)
VALUES (:body_type, :code, :name, :township_code, :contact, :client_id, :now)
ON CONFLICT (body_type, code) DO UPDATE
SET name = excluded.name, township_code = excluded.township_code, contact = excluded.contact,
    changed_by = excluded.changed_by, changed_at = excluded.changed_at
RETURNING {_COLUMNS}
""")

DELETE = sql(f"DELETE FROM notifier.address a WHERE a.body_type = :body_type AND a.code = :code AND {_MINE}")

TOWNSHIP = sql("SELECT true FROM notifier.department WHERE code = :code AND level = 'township'")

# What reached nobody for want of an address, and still says something: it goes out once there is one.
LEFT_LYING = sql("""
SELECT n.notice_id, n.kind, n.urgent, n.recipient_type FROM notifier.notice n
WHERE n.recipient_type = :body_type AND n.recipient_code = :code AND n.status = 'failed'
  AND EXISTS (
    SELECT FROM notifier.delivery d
    WHERE d.notice_id = n.notice_id AND d.error = ANY(CAST(:errors AS text[]))
      AND d.created_at >= clock_timestamp() - make_interval(days => :days))
ORDER BY n.notice_id
FOR UPDATE OF n
""")
