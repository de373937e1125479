"""Statements over registry.gap and its steps."""

from shared.db import sql

_GAP = """gap_id, kind, name, address, credit_code, licence_no, trade_code, township_code, department_code,
    department_basis, round_code, state, opened_at, due_on, township_received_at, department_received_at,
    answered_at, answered_by, closed_at, closed_reason"""

STANDING = sql(f"""
    SELECT gap_key, {_GAP} FROM registry.gap
    WHERE gap_key = ANY (CAST(:keys AS text[])) ORDER BY gap_id FOR UPDATE
""")

INSERT = sql("""
    INSERT INTO registry.gap
        (gap_id, gap_key, kind, name, address, credit_code, licence_no, trade_code, township_code,
         department_code, department_basis, round_code, state, opened_at, due_on)
    SELECT r.*, :round_code, 'open', CAST(:now AS timestamptz), :due_on
    FROM unnest(CAST(:gap_ids AS uuid[]), CAST(:gap_keys AS text[]), CAST(:kinds AS text[]),
        CAST(:names AS text[]), CAST(:addresses AS text[]), CAST(:credit_codes AS text[]),
        CAST(:licence_nos AS text[]), CAST(:trade_codes AS text[]), CAST(:township_codes AS text[]),
        CAST(:department_codes AS text[]), CAST(:department_bases AS text[])) AS r
""")

REOPEN = sql("""
    UPDATE registry.gap g
    SET state = 'open', round_code = :round_code, opened_at = :now, due_on = :due_on,
        kind = r.kind, name = r.name, address = r.address, trade_code = r.trade_code,
        township_code = r.township_code, department_code = r.department_code,
        department_basis = r.department_basis, township_received_at = NULL, department_received_at = NULL,
        answered_at = NULL, answered_by = NULL, closed_at = NULL, closed_reason = NULL,
        revision = revision + 1
    FROM unnest(CAST(:gap_ids AS uuid[]), CAST(:kinds AS text[]), CAST(:names AS text[]),
        CAST(:addresses AS text[]), CAST(:trade_codes AS text[]), CAST(:township_codes AS text[]),
        CAST(:department_codes AS text[]), CAST(:department_bases AS text[])) AS r
        (gap_id, kind, name, address, trade_code, township_code, department_code, department_basis)
    WHERE g.gap_id = r.gap_id
""")

SETTLE = sql("""
    UPDATE registry.gap g
    SET department_code = r.department_code, department_basis = r.department_basis, revision = revision + 1
    FROM unnest(CAST(:gap_ids AS uuid[]), CAST(:department_codes AS text[]),
        CAST(:department_bases AS text[])) AS r (gap_id, department_code, department_basis)
    WHERE g.gap_id = r.gap_id
""")

GONE = sql("""
    UPDATE registry.gap g
    SET state = 'closed', closed_at = :now, closed_reason = r.reason, revision = revision + 1
    FROM unnest(CAST(:keys AS text[]), CAST(:reasons AS text[])) AS r (gap_key, reason)
    WHERE g.gap_key = r.gap_key AND g.state <> 'closed'
    RETURNING g.gap_id, r.reason
""")

INSERT_STEPS = sql("""
    INSERT INTO registry.gap_step (gap_id, kind, reason, department_code, round_code, client_id, at)
    SELECT r.*, :round_code, :client_id, CAST(:now AS timestamptz)
    FROM unnest(CAST(:gap_ids AS uuid[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
        CAST(:department_codes AS text[])) AS r
""")

INSERT_STEP = sql("""
    INSERT INTO registry.gap_step
        (gap_id, kind, body, reason, township_code, department_code, sealed_note, client_id, at)
    VALUES (:gap_id, :kind, :body, :reason, :township_code, :department_code, :sealed_note, :client_id, :now)
""")

_IN_AREA = """
    (CAST(:area_township AS text) IS NULL OR township_code = :area_township)
    AND (CAST(:area_department AS text) IS NULL OR department_code = :area_department)
    AND (CAST(:township_code AS text) IS NULL OR township_code = :township_code)
    AND (CAST(:department_code AS text) IS NULL OR department_code = :department_code)
    AND (CAST(:trade_code AS text) IS NULL OR trade_code = :trade_code)
    AND (CAST(:round_code AS text) IS NULL OR round_code = :round_code)
"""

PAGE = sql(f"""
    SELECT {_GAP} FROM registry.gap
    WHERE gap_id > :after AND {_IN_AREA}
      AND (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (NOT :overdue OR (state <> 'closed' AND due_on < :today))
    ORDER BY gap_id
    LIMIT :limit
""")

FIGURES = sql(f"""
    SELECT trade_code, township_code, department_code,
        count(*) FILTER (WHERE state = 'open') AS open,
        count(*) FILTER (WHERE state = 'received') AS received,
        count(*) FILTER (WHERE state = 'answered') AS answered,
        count(*) FILTER (WHERE state = 'closed') AS closed,
        count(*) FILTER (WHERE state <> 'closed' AND due_on < :today) AS overdue, count(*) AS total
    FROM registry.gap
    WHERE {_IN_AREA}
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")

BY_ID = sql(f"SELECT {_GAP} FROM registry.gap WHERE gap_id = :gap_id")

LOCK = sql(f"SELECT {_GAP} FROM registry.gap WHERE gap_id = :gap_id FOR UPDATE")

STEPS = sql("""
    SELECT kind, body, reason, round_code, township_code, department_code, sealed_note, client_id, at
    FROM registry.gap_step WHERE gap_id = :gap_id ORDER BY step_id
""")

TAKE_STEP = sql(f"""
    UPDATE registry.gap
    SET state = :state, township_code = :township_code, department_code = :department_code,
        department_basis = :department_basis, township_received_at = :township_received_at,
        department_received_at = :department_received_at, answered_at = :answered_at,
        answered_by = :answered_by, closed_at = :closed_at, closed_reason = :closed_reason,
        revision = revision + 1
    WHERE gap_id = :gap_id
    RETURNING {_GAP}
""")
