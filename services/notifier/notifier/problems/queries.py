"""Statements over problems, their orders and steps. `_SEEN` is the caller's area."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

CHASE: Final = "rectification-chase"
RECHECK: Final = "recheck-chase"
REVIEW: Final = "supervision-review"

# One after another: whoever takes the next number waits for the one before to commit or to fall away.
NEXT_NUMBER: Final = sql("""
    INSERT INTO notifier.rectification_count AS c (issuer, year, last) VALUES (:issuer, :year, 1)
    ON CONFLICT (issuer, year) DO UPDATE SET last = c.last + 1
    RETURNING last
""")

ADD_ORDER: Final = sql("""
    INSERT INTO notifier.rectification (order_id, inspection_id, number, issued_at)
    VALUES (:order_id, :inspection_id, :number, :now)
""")

# The newest of each kind at the same place within the window, from an earlier order.
BEFORE: Final = sql("""
    SELECT DISTINCT ON (kind_code) kind_code, problem_id, level FROM notifier.problem
    WHERE target_type = :target_type AND target_code = :target_code
      AND kind_code = ANY(CAST(:kinds AS text[])) AND found_on <= :day AND found_on >= :since
    ORDER BY kind_code, found_on DESC, problem_id DESC
""")

ADD: Final = sql("""
    INSERT INTO notifier.problem
        (problem_id, order_id, n, target_type, target_code, department_code, kind_code, shape, severity,
         cause, level, previous_id, state, found_on, recorded_on, due_on, sealed)
    VALUES (:problem_id, :order_id, :n, :target_type, :target_code, :department_code, :kind_code, :shape,
            :severity, :cause, :level, :previous_id, 'open', :found_on, :recorded_on, :due_on, :sealed)
""")

OF_ORDER: Final = sql("""
    SELECT p.problem_id, p.n, p.kind_code, p.shape, p.severity, p.cause, p.level, p.state, p.due_on, p.sealed,
           p.recheck_due_on, p.target_type, p.target_code, p.found_on, k.name_zh, k.name_en, r.number,
           i.kind AS visit, i.inspection_no
    FROM notifier.problem p
    JOIN notifier.problem_kind k USING (kind_code)
    JOIN notifier.rectification r USING (order_id)
    JOIN notifier.inspection i USING (inspection_id)
    WHERE p.order_id = :order_id ORDER BY p.n
""")

_SEEN: Final = """
    (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department
         OR (p.target_type = 'lab' AND p.department_code = :department))
    AND (NOT CAST(:labs_only AS boolean) OR p.target_type = 'lab')
"""
_STOPPED: Final = "(p.stopped_at IS NOT NULL AND p.accepted_at IS NULL)"
_LATE: Final = "(p.state <> 'closed' AND p.due_on < CAST(:today AS date))"
_RECHECK_LATE: Final = "coalesce(p.recheck_due_on < CAST(:today AS date), false)"
# A laboratory's own notice is nobody's of an area: there that of whoever is over it tells as much.
_WITHOUT: Final = """(NOT EXISTS (
    SELECT FROM notifier.notice n
    WHERE n.source_id = p.order_id AND n.kind = 'task.rectification' AND n.status <> 'revoked'
      AND (n.recipient_type = p.target_type OR p.target_type = 'lab')))"""
_FROM: Final = """
    FROM notifier.problem p
    JOIN notifier.problem_kind k USING (kind_code)
    JOIN notifier.rectification r USING (order_id)
    JOIN notifier.inspection i USING (inspection_id)
    LEFT JOIN notifier.unit u ON p.target_type = 'unit' AND u.unit_code = p.target_code
"""
_SHOWN: Final = f"""
    SELECT p.problem_id, p.order_id, p.n, i.inspection_id, i.inspection_no, r.number, p.target_type,
           p.target_code, u.unit_name, u.township_code,
           coalesce(u.department_code, p.department_code) AS department_code,
           p.kind_code, k.name_zh, k.name_en, p.shape, p.severity, p.cause, p.level, p.previous_id, p.state,
           p.found_on, p.due_on, p.answered_by, p.asked_by, p.asked_due_on, p.review_on AS listed_until,
           p.closed_at, p.recheck_due_on, p.sealed, {_STOPPED} AS stopped, {_LATE} AS late,
           {_RECHECK_LATE} AS recheck_late, {_WITHOUT} AS without_notice
    {_FROM}
"""

PAGE: Final = sql(f"""
    {_SHOWN}
    WHERE {_SEEN} AND p.problem_id < :before
      AND (CAST(:state AS text) IS NULL OR p.state = :state)
      AND (CAST(:target_type AS text) IS NULL OR p.target_type = :target_type)
      AND (CAST(:target_code AS text) IS NULL OR p.target_code = :target_code)
      AND (CAST(:kind_code AS text) IS NULL OR p.kind_code = :kind_code)
      AND (CAST(:shape AS text) IS NULL OR p.shape = :shape)
      AND (CAST(:inspection_id AS uuid) IS NULL OR i.inspection_id = :inspection_id)
      AND (CAST(:first AS date) IS NULL OR p.recorded_on >= :first)
      AND (CAST(:last AS date) IS NULL OR p.recorded_on <= :last)
      AND (NOT CAST(:late AS boolean) OR {_LATE})
      AND (NOT CAST(:recheck_late AS boolean) OR {_RECHECK_LATE})
      AND (NOT CAST(:listed AS boolean) OR p.review_on IS NOT NULL)
      AND (NOT CAST(:stopped AS boolean) OR {_STOPPED})
      AND (NOT CAST(:without_notice AS boolean) OR {_WITHOUT})
    ORDER BY p.problem_id DESC LIMIT :limit
""")

ONE: Final = sql(f"{_SHOWN} WHERE p.problem_id = :problem_id AND {_SEEN}")

LOCK: Final = sql(f"{_SHOWN} WHERE p.problem_id = :problem_id AND {_SEEN} FOR UPDATE OF p")

STEPS: Final = sql("""
    SELECT n, kind, client_id, at, due_on, review_on, sealed FROM notifier.problem_step
    WHERE problem_id = :problem_id ORDER BY n
""")

ADD_STEP: Final = sql("""
    INSERT INTO notifier.problem_step (problem_id, n, kind, client_id, at, due_on, review_on, sealed)
    SELECT CAST(:problem_id AS uuid), 1 + coalesce(max(n), 0), CAST(:kind AS text), CAST(:client_id AS text),
           CAST(:now AS timestamptz), CAST(:due_on AS date), CAST(:review_on AS date), CAST(:sealed AS bytea)
    FROM notifier.problem_step WHERE problem_id = :problem_id
""")

TAKE_STEP: Final = sql("""
    UPDATE notifier.problem
    SET state = :state, due_on = :due_on, chased_on = CASE WHEN due_on = :due_on THEN chased_on END,
        answered_by = CAST(:answered_by AS text[]), asked_by = :asked_by,
        asked_due_on = CAST(:asked_due_on AS date), review_on = CAST(:review_on AS date),
        recheck_due_on = CAST(:recheck_due_on AS date),
        recheck_chased_on =
            CASE WHEN recheck_due_on = CAST(:recheck_due_on AS date) THEN recheck_chased_on END,
        stopped_at = CASE :kind WHEN 'stopped' THEN CAST(:now AS timestamptz) ELSE stopped_at END,
        accepted_at = CASE :kind WHEN 'stopped' THEN NULL WHEN 'accepted' THEN CAST(:now AS timestamptz)
                      ELSE accepted_at END,
        closed_at = CASE :kind WHEN 'closed' THEN CAST(:now AS timestamptz) END,
        closed_on = CASE :kind WHEN 'closed' THEN CAST(:today AS date) END,
        closed_by = CASE :kind WHEN 'closed' THEN CAST(:client_id AS text) END
    WHERE problem_id = :problem_id
""")

FIGURES: Final = sql(f"""
    SELECT count(DISTINCT p.problem_id) AS problems,
           count(*) FILTER (WHERE {_WITHOUT}) AS without_notice,
           count(*) FILTER (WHERE p.state = 'closed') AS closed,
           count(*) FILTER (WHERE p.state <> 'closed') AS open,
           count(*) FILTER (WHERE {_LATE}) AS late,
           count(*) FILTER (WHERE {_RECHECK_LATE}) AS recheck_late,
           count(*) FILTER (WHERE p.level > 1) AS repeated,
           count(*) FILTER (WHERE p.review_on IS NOT NULL AND p.state <> 'closed') AS listed,
           count(*) FILTER (WHERE {_STOPPED}) AS stopped
    {_FROM}
    WHERE {_SEEN} AND p.recorded_on BETWEEN :first AND :last
""")

VISITS: Final = sql("""
    SELECT count(*) FROM notifier.inspection p
    LEFT JOIN notifier.unit u ON p.target_type = 'unit' AND u.unit_code = p.target_code
    WHERE CAST(p.recorded_at AT TIME ZONE 'Asia/Shanghai' AS date) BETWEEN :first AND :last
      AND (CAST(:township AS text) IS NULL OR u.township_code = :township)
      AND (CAST(:department AS text) IS NULL OR u.department_code = :department
           OR (p.target_type = 'lab' AND p.department_code = :department))
      AND (NOT CAST(:labs_only AS boolean) OR p.target_type = 'lab')
""")

TO_CHASE: Final = sql(f"""
    SELECT r.order_id FROM notifier.rectification r
    WHERE EXISTS (
        SELECT FROM notifier.problem p
        WHERE p.order_id = r.order_id AND p.state = 'open' AND p.due_on < CAST(:today AS date)
          AND (p.chased_on IS NULL OR p.chased_on <= CAST(:before AS date)))
      AND {not_put_off(CHASE, "CAST(r.order_id AS text)", consumer="notifier")}
    ORDER BY r.order_id LIMIT 100
    FOR UPDATE OF r SKIP LOCKED
""")

CHASED: Final = sql("""
    UPDATE notifier.problem SET chased_on = :today
    WHERE order_id = :order_id AND state = 'open' AND due_on < :today
""")

TO_RECHECK: Final = sql(f"""
    SELECT r.order_id FROM notifier.rectification r
    WHERE EXISTS (
        SELECT FROM notifier.problem p
        WHERE p.order_id = r.order_id AND p.recheck_due_on < CAST(:today AS date)
          AND (p.recheck_chased_on IS NULL OR p.recheck_chased_on <= CAST(:before AS date)))
      AND {not_put_off(RECHECK, "CAST(r.order_id AS text)", consumer="notifier")}
    ORDER BY r.order_id LIMIT 100
    FOR UPDATE OF r SKIP LOCKED
""")

RECHECK_CHASED: Final = sql("""
    UPDATE notifier.problem SET recheck_chased_on = :today
    WHERE order_id = :order_id AND recheck_due_on < :today
""")

TO_REVIEW: Final = sql(f"""
    SELECT p.problem_id, p.order_id, p.target_type, p.target_code, p.review_on, p.n, k.name_zh, k.name_en,
           r.number
    FROM notifier.problem p
    JOIN notifier.problem_kind k USING (kind_code)
    JOIN notifier.rectification r USING (order_id)
    WHERE p.state <> 'closed' AND p.review_on <= CAST(:today AS date)
      AND (p.review_told_on IS NULL OR p.review_told_on < p.review_on)
      AND {not_put_off(REVIEW, "CAST(p.problem_id AS text)", consumer="notifier")}
    ORDER BY p.problem_id LIMIT 100
    FOR UPDATE OF p SKIP LOCKED
""")

REVIEW_TOLD: Final = sql("""
    UPDATE notifier.problem SET review_told_on = :today WHERE problem_id = :problem_id
""")
