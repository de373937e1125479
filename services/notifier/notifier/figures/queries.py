"""Statements of notifier's figures; `_SEEN` is the area, as in the list of notices."""

from typing import Final

from shared.db import sql

_SEEN: Final = """
    (CAST(:township AS text) IS NULL
     OR (n.recipient_type = 'township' AND n.recipient_code = :township)
     OR (n.recipient_type = 'unit' AND EXISTS (
            SELECT FROM notifier.unit u WHERE u.unit_code = n.recipient_code AND u.township_code = :township))
     OR (n.recipient_type = 'person' AND EXISTS (
            SELECT FROM notifier.person p JOIN notifier.unit u ON u.unit_code = ANY(p.unit_codes)
            WHERE p.person_id = n.person_id AND u.township_code = :township)))
    AND (CAST(:department AS text) IS NULL
     OR (n.recipient_type IN ('department', 'cdc', 'district') AND n.recipient_code = :department)
     OR (n.recipient_type = 'unit' AND EXISTS (
            SELECT FROM notifier.unit u
            WHERE u.unit_code = n.recipient_code AND u.department_code = :department))
     OR (n.recipient_type = 'person' AND EXISTS (
            SELECT FROM notifier.person p JOIN notifier.unit u ON u.unit_code = ANY(p.unit_codes)
            WHERE p.person_id = n.person_id AND u.department_code = :department)))
"""
# Ids begin with the moment of issue, so that days are a range of them.
BY_DAY = sql(f"""
    SELECT CAST(n.issued_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, n.kind, n.status,
           count(*) AS notices,
           count(*) FILTER (WHERE n.ack_due_at < :now AND n.acknowledged_at IS NULL
                            AND n.status <> 'revoked') AS overdue
    FROM notifier.notice n
    WHERE n.notice_id >= :low AND n.notice_id < :high
      AND CAST(n.issued_at AT TIME ZONE 'Asia/Shanghai' AS date)
          BETWEEN CAST(:first AS date) AND CAST(:last AS date)
      AND {_SEEN}
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")

# Whatever its day: an alert is open until it is acknowledged or revoked.
OPEN = sql(f"""
    SELECT n.kind, count(*) AS open,
           count(*) FILTER (WHERE n.ack_due_at < :now) AS overdue, min(n.issued_at) AS oldest
    FROM notifier.notice n
    WHERE n.kind IN ('alert.positive', 'alert.pool') AND n.acknowledged_at IS NULL AND n.status <> 'revoked'
      AND {_SEEN}
    GROUP BY n.kind ORDER BY n.kind
""")
