"""Statements over inspections. `_SEEN` is the caller's area."""

from typing import Final

from shared.db import sql

UNIT: Final = sql("""
    SELECT unit_code, township_code, department_code FROM notifier.unit WHERE unit_code = :code
""")

BY_NO: Final = sql("""
    SELECT inspection_id, sealed FROM notifier.inspection WHERE inspection_no = :inspection_no
""")

ADD: Final = sql("""
    INSERT INTO notifier.inspection
        (inspection_id, inspection_no, kind, target_type, target_code, department_code, day, draw_no,
         checklist_code, checklist_from, sealed, recorded_by, recorded_at)
    VALUES (:inspection_id, :inspection_no, :kind, :target_type, :target_code, :department_code, :day,
            :draw_no, :checklist_code, CAST(:checklist_from AS date), :sealed, :client_id, :now)
""")

# Two of one number wait for each other, so that the second finds the first.
ALONE: Final = sql("SELECT pg_advisory_xact_lock(hashtextextended('inspection ' || :inspection_no, 0))")

_SEEN: Final = """
    (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department
         OR (i.target_type = 'lab' AND i.department_code = :department))
    AND (NOT CAST(:labs_only AS boolean) OR i.target_type = 'lab')
"""
_SHOWN: Final = """
    SELECT i.inspection_id, i.inspection_no, i.kind, i.target_type, i.target_code, i.day, i.draw_no,
           i.checklist_code, i.checklist_from, i.recorded_at, i.sealed, u.unit_name, u.township_code,
           coalesce(u.department_code, i.department_code) AS department_code, r.number,
           coalesce(p.problems, 0) AS problems, coalesce(p.open, 0) AS open
    FROM notifier.inspection i
    LEFT JOIN notifier.unit u ON i.target_type = 'unit' AND u.unit_code = i.target_code
    LEFT JOIN notifier.rectification r USING (inspection_id)
    LEFT JOIN LATERAL (
        SELECT count(*) AS problems, count(*) FILTER (WHERE state <> 'closed') AS open
        FROM notifier.problem WHERE order_id = r.order_id) p ON true
"""

PAGE: Final = sql(f"""
    {_SHOWN}
    WHERE {_SEEN} AND i.inspection_id < :before
      AND (CAST(:kind AS text) IS NULL OR i.kind = :kind)
      AND (CAST(:target_type AS text) IS NULL OR i.target_type = :target_type)
      AND (CAST(:target_code AS text) IS NULL OR i.target_code = :target_code)
      AND (CAST(:draw_no AS text) IS NULL OR i.draw_no = :draw_no)
    ORDER BY i.inspection_id DESC LIMIT :limit
""")

ONE: Final = sql(f"{_SHOWN} WHERE i.inspection_id = :inspection_id AND {_SEEN}")

# Every laboratory that was visited or has been written to.
LABS: Final = sql("""
    WITH known AS (
        SELECT target_code AS lab_code FROM notifier.inspection WHERE target_type = 'lab'
        UNION SELECT recipient_code FROM notifier.notice WHERE recipient_type = 'lab')
    SELECT k.lab_code, v.visits, v.last_visit_on, p.problems, p.open
    FROM known k
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE day BETWEEN :first AND :last) AS visits, max(day) AS last_visit_on
        FROM notifier.inspection WHERE target_type = 'lab' AND target_code = k.lab_code) v
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE found_on BETWEEN :first AND :last) AS problems,
               count(*) FILTER (WHERE state <> 'closed') AS open
        FROM notifier.problem WHERE target_type = 'lab' AND target_code = k.lab_code) p
    ORDER BY v.visits, v.last_visit_on NULLS FIRST, k.lab_code
""")

CAUSES: Final = sql("""
    SELECT target_code AS lab_code, cause, count(*) AS problems FROM notifier.problem
    WHERE target_type = 'lab' AND cause IS NOT NULL AND found_on BETWEEN :first AND :last
    GROUP BY target_code, cause ORDER BY target_code, cause
""")

# What the reconciliation has told each laboratory last: samples held up, by cause.
TOLD: Final = sql("""
    SELECT DISTINCT ON (recipient_code) recipient_code AS lab_code, sealed FROM notifier.notice
    WHERE recipient_type = 'lab' AND kind = 'task.answer' AND subject_type = 'samples' AND status <> 'revoked'
    ORDER BY recipient_code, notice_id DESC
""")
