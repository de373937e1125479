"""Statements over what a period left behind with each body."""

from notifier.feedback.queries import ASKED
from shared.db import sql

CLAIM = sql("""
INSERT INTO notifier.bulletin_period (until, made_at) VALUES (:until, :now)
ON CONFLICT (until) DO NOTHING RETURNING until
""")

BODIES = sql("SELECT code, department_name, level, role FROM notifier.department ORDER BY code")

# Ids begin with the moment of issue, so that a period is a range of them. `of_units`: a body's units'.
NOTICES = sql("""
WITH told AS (
    SELECT n.kind, n.recipient_type, n.recipient_code, n.acknowledged_at, n.ack_due_at
    FROM notifier.notice n
    WHERE n.notice_id >= :low AND n.notice_id < :high
      AND n.issued_at >= CAST(:since AS timestamptz) AND n.issued_at < CAST(:until AS timestamptz)
      AND n.status <> 'revoked' AND n.subject_type <> 'bulletin'),
concerned AS (
    SELECT recipient_code AS code, false AS of_units, t.* FROM told t
    WHERE recipient_type IN ('department', 'township', 'district', 'cdc')
    UNION ALL
    SELECT over.code, true, t.* FROM told t
    JOIN notifier.unit u ON t.recipient_type = 'unit' AND u.unit_code = t.recipient_code
    CROSS JOIN LATERAL (VALUES (u.township_code), (u.department_code)) AS over (code)
    WHERE over.code IS NOT NULL)
SELECT code, of_units, kind, count(*) AS issued,
       count(*) FILTER (WHERE ack_due_at IS NOT NULL AND acknowledged_at IS NULL) AS unacknowledged,
       count(*) FILTER (WHERE ack_due_at < CAST(:now AS timestamptz)
                        AND acknowledged_at IS NULL) AS ack_overdue
FROM concerned GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")

ANSWERS = sql(f"""
SELECT n.recipient_code AS code, n.notice_id, n.subject_type, n.subject_code, n.issued_at,
       COALESCE(f.opened_at, n.issued_at) AS opened_at, 'open' AS state
FROM notifier.notice n LEFT JOIN notifier.feedback f ON f.notice_id = n.notice_id
WHERE {ASKED} AND COALESCE(f.state, 'open') = 'open' AND n.issued_at < CAST(:until AS timestamptz)
ORDER BY 1, opened_at, n.notice_id
""")

ITEMS = sql("""
SELECT i.lead_code AS code, i.item_id, l.title, i.position AS number, i.deadline, i.due_on, i.state, i.drill,
       i.state = 'open' AND i.due_on < CAST(:today AS date) AS late
FROM notifier.work_item i JOIN notifier.work_list l USING (list_id)
WHERE i.lead_code IS NOT NULL AND i.state <> 'done' AND l.made_at < CAST(:until AS timestamptz)
ORDER BY 1, i.due_on NULLS LAST, i.item_id
""")

LAST_NUMBERS = sql("""
SELECT recipient_type, recipient_code, max(number) AS number FROM notifier.bulletin
WHERE year = :year GROUP BY 1, 2
""")

ADD = sql("""
INSERT INTO notifier.bulletin (until, recipient_type, recipient_code, year, number)
SELECT :until, types, codes, :year, numbers
FROM unnest(CAST(:types AS text[]), CAST(:codes AS text[]), CAST(:numbers AS integer[]))
     AS new (types, codes, numbers)
""")

NUMBER = sql("""
UPDATE notifier.notice n SET number = new.number
FROM unnest(CAST(:dedupe_keys AS text[]), CAST(:numbers AS text[])) AS new (dedupe_key, number)
WHERE n.kind = :kind AND n.dedupe_key = new.dedupe_key
""")
