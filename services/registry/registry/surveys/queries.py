"""Statements over rounds, places, outcomes and suggestions."""

from shared.db import sql

_ROUND = "round_code, name, trade_codes, township_codes, begins_on, ends_on, compared_at, sent_at"

INSERT_ROUND = sql(f"""
    INSERT INTO registry.survey_round
        (round_code, name, trade_codes, township_codes, begins_on, ends_on, created_by, created_at)
    VALUES (:round_code, :name, CAST(:trade_codes AS text[]), CAST(:township_codes AS text[]),
        :begins_on, :ends_on, :created_by, :now)
    ON CONFLICT (round_code) DO NOTHING
    RETURNING {_ROUND}
""")

ROUND = sql(f"SELECT {_ROUND} FROM registry.survey_round WHERE round_code = :round_code")

LOCK_ROUND = sql(f"SELECT {_ROUND} FROM registry.survey_round WHERE round_code = :round_code FOR UPDATE")

ROUND_PAGE = sql(f"""
    SELECT {_ROUND} FROM registry.survey_round WHERE round_code > :after ORDER BY round_code LIMIT :limit
""")

PUT_PLACES = sql("""
    INSERT INTO registry.surveyed
        (surveyed_id, found_key, name, address, credit_code, licence_no, licence_key, trade_code,
         industry_key, township_code, department_code, department_basis, found, surveyed_on,
         round_code, created_by, created_at, updated_at)
    SELECT r.*, :round_code, :created_by, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:surveyed_ids AS uuid[]), CAST(:found_keys AS text[]), CAST(:names AS text[]),
        CAST(:addresses AS text[]), CAST(:credit_codes AS text[]), CAST(:licence_nos AS text[]),
        CAST(:licence_keys AS text[]), CAST(:trade_codes AS text[]), CAST(:industry_keys AS text[]),
        CAST(:township_codes AS text[]), CAST(:department_codes AS text[]), CAST(:department_bases AS text[]),
        CAST(:founds AS text[]), CAST(:surveyed_ons AS date[])) AS r
    ON CONFLICT ON CONSTRAINT surveyed_key DO UPDATE
    SET name = excluded.name, address = excluded.address, licence_no = excluded.licence_no,
        trade_code = excluded.trade_code, industry_key = excluded.industry_key,
        department_code = excluded.department_code, department_basis = excluded.department_basis,
        found = excluded.found, surveyed_on = excluded.surveyed_on, updated_at = excluded.updated_at
    RETURNING (xmax = 0) AS new
""")

# A unit is the same business by its credit code, or by a licence number in its plain form.
_UNIT_OF_PLACE = """
    (u.unit_code_type = 'uscc' AND u.unit_code = s.credit_code)
    OR (u.unit_code_type = 'licence'
        AND regexp_replace(upper(u.unit_code), '[^0-9A-Z]', '', 'g') = s.licence_key)
"""

PLACE_PAGE = sql(f"""
    SELECT * FROM (
        SELECT s.surveyed_id, s.name, s.address, s.credit_code, s.licence_no, s.trade_code, s.township_code,
            s.department_code, s.found, s.surveyed_on,
            EXISTS (SELECT FROM registry.unit u WHERE {_UNIT_OF_PLACE}) AS registered
        FROM registry.surveyed s
        WHERE s.round_code = :round_code AND s.surveyed_id > :after
          AND (CAST(:area_township AS text) IS NULL OR s.township_code = :area_township)
          AND (CAST(:area_department AS text) IS NULL OR s.department_code = :area_department)
          AND (CAST(:township_code AS text) IS NULL OR s.township_code = :township_code)
          AND (CAST(:trade_code AS text) IS NULL OR s.trade_code = :trade_code)
    ) AS place
    WHERE CAST(:registered AS boolean) IS NULL OR registered = :registered
    ORDER BY surveyed_id
    LIMIT :limit
""")

PLACES = sql("""
    SELECT surveyed_id, found_key, name, address, credit_code, licence_no, licence_key, trade_code,
        industry_key, township_code, found
    FROM registry.surveyed WHERE round_code = :round_code ORDER BY surveyed_id
""")

# The licences that the round could meet: of its trades, or named by a place of it.
LICENCES = sql("""
    SELECT licence_id, licence_no, licence_key, credit_code, name, address, trade_code, industry_key,
        township_code, (issued_on IS NULL OR issued_on <= :day)
            AND (cancelled_on IS NULL OR cancelled_on > :day) AS in_force
    FROM registry.licence
    WHERE licence_id IN (
        SELECT licence_id FROM registry.licence WHERE trade_code = ANY (CAST(:trade_codes AS text[]))
        UNION
        SELECT l.licence_id FROM registry.licence l JOIN registry.surveyed s USING (credit_code)
        WHERE s.round_code = :round_code
        UNION
        SELECT l.licence_id FROM registry.licence l JOIN registry.surveyed s USING (licence_key)
        WHERE s.round_code = :round_code
        UNION
        SELECT licence_id FROM registry.licence_suggestion WHERE state = 'confirmed')
    ORDER BY licence_id
""")

AWAKE = sql("SELECT 1")

DECIDED = sql("SELECT licence_id, found_key, state FROM registry.licence_suggestion WHERE state <> 'open'")

FORGET_OUTCOMES = sql("DELETE FROM registry.survey_outcome WHERE round_code = :round_code")

INSERT_OUTCOMES = sql("""
    INSERT INTO registry.survey_outcome
        (outcome_id, outcome, basis, licence_id, surveyed_id, gap_key, name, address, credit_code, licence_no,
         trade_code, township_code, department_code, department_basis, elsewhere, round_code)
    SELECT r.*, :round_code
    FROM unnest(CAST(:outcome_ids AS uuid[]), CAST(:outcomes AS text[]), CAST(:bases AS text[]),
        CAST(:licence_ids AS uuid[]), CAST(:surveyed_ids AS uuid[]), CAST(:gap_keys AS text[]),
        CAST(:names AS text[]), CAST(:addresses AS text[]), CAST(:credit_codes AS text[]),
        CAST(:licence_nos AS text[]), CAST(:trade_codes AS text[]), CAST(:township_codes AS text[]),
        CAST(:department_codes AS text[]), CAST(:department_bases AS text[]),
        CAST(:elsewheres AS boolean[])) AS r
""")

# What was suggested and not decided, and is not suggested any more, goes.
DROP_SUGGESTIONS = sql("""
    DELETE FROM registry.licence_suggestion WHERE round_code = :round_code AND state = 'open'
""")

INSERT_SUGGESTIONS = sql("""
    INSERT INTO registry.licence_suggestion AS g
        (suggestion_id, licence_id, found_key, surveyed_id, score, reason, township_code, department_code,
         round_code, state, created_at)
    SELECT r.*, :round_code, 'open', CAST(:now AS timestamptz)
    FROM unnest(CAST(:suggestion_ids AS uuid[]), CAST(:licence_ids AS uuid[]), CAST(:found_keys AS text[]),
        CAST(:surveyed_ids AS uuid[]), CAST(:scores AS numeric[]), CAST(:reasons AS text[]),
        CAST(:township_codes AS text[]), CAST(:department_codes AS text[])) AS r
    ON CONFLICT ON CONSTRAINT licence_suggestion_key DO UPDATE
    SET round_code = excluded.round_code, surveyed_id = excluded.surveyed_id, score = excluded.score,
        reason = excluded.reason, township_code = excluded.township_code,
        department_code = excluded.department_code
    WHERE g.state = 'open'
""")

COMPARED = sql("UPDATE registry.survey_round SET compared_at = :now WHERE round_code = :round_code")

SENT = sql("""
    UPDATE registry.survey_round SET sent_at = COALESCE(sent_at, :now) WHERE round_code = :round_code
""")

STALE = sql("""
    SELECT EXISTS (SELECT FROM registry.surveyed WHERE round_code = :round_code AND updated_at > :compared_at)
        OR EXISTS (SELECT FROM registry.licence WHERE updated_at > :compared_at)
        OR EXISTS (SELECT FROM registry.licence_suggestion WHERE decided_at > :compared_at)
""")

_IN_AREA = """
    (CAST(:area_township AS text) IS NULL OR o.township_code = :area_township)
    AND (CAST(:area_department AS text) IS NULL OR o.department_code = :area_department)
    AND (CAST(:township_code AS text) IS NULL OR o.township_code = :township_code)
    AND (CAST(:trade_code AS text) IS NULL OR o.trade_code = :trade_code)
"""

FIGURES = sql(f"""
    SELECT o.trade_code, o.township_code, o.outcome, count(*) AS items,
        count(*) FILTER (WHERE o.elsewhere) AS elsewhere
    FROM registry.survey_outcome o
    WHERE o.round_code = :round_code AND {_IN_AREA}
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")

SUGGESTIONS_OPEN = sql("""
    SELECT count(*) FROM registry.licence_suggestion o
    WHERE o.round_code = :round_code AND o.state = 'open'
      AND (CAST(:area_township AS text) IS NULL OR o.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR o.department_code = :area_department)
""")

OUTCOME_PAGE = sql(f"""
    SELECT o.outcome_id, o.outcome, o.basis, o.name, o.address, o.credit_code, o.licence_no, o.trade_code,
        o.township_code, o.department_code, o.department_basis, o.elsewhere
    FROM registry.survey_outcome o
    WHERE o.round_code = :round_code AND o.outcome_id > :after AND {_IN_AREA}
      AND (CAST(:outcome AS text) IS NULL OR o.outcome = :outcome)
    ORDER BY o.outcome_id
    LIMIT :limit
""")

FOR_GAPS = sql("""
    SELECT o.outcome, o.gap_key, o.licence_id, s.found_key, o.name, o.address, o.credit_code, o.licence_no,
        o.trade_code, o.township_code, o.department_code, o.department_basis
    FROM registry.survey_outcome o LEFT JOIN registry.surveyed s USING (surveyed_id)
    WHERE o.round_code = :round_code
    ORDER BY o.gap_key
""")

# Licences that have ended by the round's last day: what was missing of them is missing no more.
ENDED_LICENCES = sql("""
    SELECT licence_id FROM registry.licence
    WHERE cancelled_on <= :day AND trade_code = ANY (CAST(:trade_codes AS text[]))
""")

# Units of the ledger that belong to the round's trades and towns, stood by its end, and were not found.
_ABSENT = f"""
    FROM registry.unit u
    JOIN registry.survey_round r ON r.round_code = :round_code
    JOIN LATERAL (
        SELECT t.trade_code FROM registry.trade t, unnest(t.industry_prefixes) AS prefix
        WHERE t.trade_code = ANY (r.trade_codes) AND starts_with(u.industry_key, prefix)
        ORDER BY 1 LIMIT 1) trade ON true
    LEFT JOIN LATERAL (
        SELECT s.surveyed_on, s.round_code FROM registry.surveyed s
        WHERE s.surveyed_on < r.begins_on AND ({_UNIT_OF_PLACE})
        ORDER BY s.surveyed_on DESC LIMIT 1) l ON true
    WHERE (cardinality(r.township_codes) = 0 OR u.township_code = ANY (r.township_codes))
      AND (u.closed_on IS NULL OR u.closed_on > r.ends_on)
      AND CAST(u.created_at AT TIME ZONE 'Asia/Shanghai' AS date) <= r.ends_on
      AND NOT EXISTS (
          SELECT FROM registry.surveyed s WHERE s.round_code = r.round_code AND ({_UNIT_OF_PLACE}))
"""

ABSENT_PAGE = sql(f"""
    SELECT u.unit_code, u.name, u.industry_code, u.township_code, u.department_code,
        l.surveyed_on AS last_found_on, l.round_code AS last_round_code
    {_ABSENT}
      AND u.unit_code > :after
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
    ORDER BY u.unit_code
    LIMIT :limit
""")

ABSENT_COUNTS = sql(f"""
    SELECT trade.trade_code, u.township_code, u.department_code, count(*) AS units {_ABSENT} GROUP BY 1, 2, 3
""")

_SUGGESTION = """
    g.suggestion_id, g.state, g.reason, CAST(g.score AS double precision) AS score, g.licence_id, g.found_key,
    g.round_code, g.surveyed_id, g.township_code, g.department_code, g.decided_by, g.decided_at,
    l.name AS licence_name, l.address AS licence_address, l.credit_code AS licence_credit_code,
    l.licence_no AS licence_licence_no, l.township_code AS licence_township_code,
    l.department_code AS licence_department_code,
    s.name AS place_name, s.address AS place_address, s.credit_code AS place_credit_code,
    s.licence_no AS place_licence_no
    FROM registry.licence_suggestion g
    JOIN registry.licence l USING (licence_id)
    JOIN registry.surveyed s USING (surveyed_id)
"""

SUGGESTION_PAGE = sql(f"""
    SELECT {_SUGGESTION}
    WHERE g.round_code = :round_code AND g.suggestion_id > :after
      AND (CAST(:state AS text) IS NULL OR g.state = :state)
      AND (CAST(:area_township AS text) IS NULL
           OR (g.township_code = :area_township AND l.township_code = :area_township))
      AND (CAST(:area_department AS text) IS NULL
           OR (g.department_code = :area_department AND l.department_code = :area_department))
    ORDER BY g.suggestion_id
    LIMIT :limit
""")

LOCK_SUGGESTION = sql(f"""
    SELECT {_SUGGESTION} WHERE g.suggestion_id = :suggestion_id FOR UPDATE OF g
""")

# In one round a licence belongs to one place and a place to one licence.
RIVALS = sql("""
    SELECT (SELECT count(*) FROM registry.licence_suggestion g
            WHERE g.suggestion_id <> :suggestion_id AND g.state = 'confirmed'
              AND (g.found_key = :found_key
                   OR (g.licence_id = :licence_id AND EXISTS (
                       SELECT FROM registry.surveyed s
                       WHERE s.round_code = :round_code AND s.found_key = g.found_key))))
        + (SELECT count(*) FROM registry.survey_outcome o
           WHERE o.round_code = :round_code AND o.outcome IN ('both', 'closed') AND o.basis <> 'person'
             AND (o.licence_id = :licence_id OR o.surveyed_id = :surveyed_id))
""")

DECIDE = sql("""
    UPDATE registry.licence_suggestion
    SET state = :state, decided_by = :client_id, decided_at = :now, sealed_note = :sealed_note
    WHERE suggestion_id = :suggestion_id
""")
