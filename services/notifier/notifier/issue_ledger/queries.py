"""Statements of the issue ledger, worked out from what is there: a past period reads the same for ever.

Ids begin with the moment of recording, so their order puts what was carried over first.
"""

from typing import Final

from shared.db import sql

_SEEN: Final = """
    (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department
         OR (x.target_type = 'lab' AND x.department_code = :department))
    AND (NOT CAST(:labs_only AS boolean) OR x.target_type = 'lab')
"""
# A finding of registry's is an issue by the order that went to its unit; nothing of an inspection is there.
_ITEMS: Final = f"""
    SELECT x.*, u.unit_name AS target_name FROM (
        SELECT p.problem_id AS item_id, 'inspection' AS source, p.target_type, p.target_code,
               p.department_code, p.kind_code, k.name_zh, k.name_en, r.number, p.level, p.recorded_on,
               p.due_on, p.closed_on, p.review_on IS NOT NULL AS listed, CAST(NULL AS bytea) AS sealed
        FROM notifier.problem p
        JOIN notifier.problem_kind k USING (kind_code)
        JOIN notifier.rectification r USING (order_id)
        WHERE p.recorded_on < :end AND (p.closed_on IS NULL OR p.closed_on >= :begin)
        UNION ALL
        SELECT n.notice_id, 'registry', 'unit', n.recipient_code, NULL, NULL, NULL, NULL, n.number, 1,
               CAST(n.issued_at AT TIME ZONE 'Asia/Shanghai' AS date), NULL,
               CAST(f.ended_at AT TIME ZONE 'Asia/Shanghai' AS date), false, n.sealed
        FROM notifier.notice n JOIN notifier.finding f ON f.finding_id = n.source_id
        WHERE n.kind = 'task.rectification' AND n.recipient_type = 'unit' AND n.status <> 'revoked'
          AND CAST(n.issued_at AT TIME ZONE 'Asia/Shanghai' AS date) < :end
          AND (f.ended IS NULL OR CAST(f.ended_at AT TIME ZONE 'Asia/Shanghai' AS date) >= :begin)
    ) x
    LEFT JOIN notifier.unit u ON x.target_type = 'unit' AND u.unit_code = x.target_code
    WHERE {_SEEN}
"""
_OPEN: Final = "(closed_on IS NULL OR closed_on >= :end)"

PAGE: Final = sql(f"""
    SELECT * FROM ({_ITEMS}) items WHERE item_id > :after ORDER BY item_id LIMIT :limit
""")

FIGURES: Final = sql(f"""
    SELECT count(*) FILTER (WHERE recorded_on < :begin) AS carried,
           count(*) FILTER (WHERE recorded_on >= :begin) AS new,
           count(*) FILTER (WHERE NOT {_OPEN}) AS closed,
           count(*) FILTER (WHERE {_OPEN}) AS open,
           count(*) FILTER (WHERE {_OPEN} AND due_on < least(CAST(:today AS date), :end)) AS late
    FROM ({_ITEMS}) items
""")

# Nothing comes back for a period that was pushed.
PUSH: Final = sql("""
    INSERT INTO notifier.issue_ledger_push (period_begin, pushed_at) VALUES (:begin, :now)
    ON CONFLICT (period_begin) DO NOTHING RETURNING period_begin
""")
