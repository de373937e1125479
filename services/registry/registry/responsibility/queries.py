"""Statements over what units miss, their contacts' age and their testers."""

from shared.db import sql

# One list for page, report and single unit: what they say cannot differ.
_MISSING = """
    SELECT u.unit_code, u.name, u.industry_code, u.township_code, u.department_code, u.department_basis,
        u.defects || array_remove(ARRAY[
            CASE WHEN u.contact_problem IS NOT NULL THEN 'contact_reported' END,
            CASE WHEN COALESCE(
                    u.contact_confirmed_on, CAST(u.created_at AT TIME ZONE 'Asia/Shanghai' AS date))
                < CAST(:today AS date) - CAST(:days AS integer) THEN 'contact_expired' END,
            CASE WHEN u.sealed_data_entry IS NULL THEN 'data_entry_missing' END,
            CASE WHEN NOT EXISTS (
                SELECT FROM registry.unit_tester t WHERE t.unit_code = u.unit_code
                  AND t.effective_from <= :today AND (t.effective_to IS NULL OR t.effective_to >= :today))
                THEN 'tester_missing' END,
            CASE WHEN NOT EXISTS (
                SELECT FROM registry.enrolment e WHERE e.unit_code = u.unit_code
                  AND e.enrolled_on <= :today AND (e.left_on IS NULL OR e.left_on > :today))
                THEN 'nobody_enrolled' END], NULL) AS missing
    FROM registry.unit u
    WHERE (u.closed_on IS NULL OR u.closed_on > :today)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
"""

PAGE = sql(f"""
    SELECT * FROM ({_MISSING} AND u.unit_code > :after) AS one
    WHERE cardinality(missing) > 0 AND (CAST(:kind AS text) IS NULL OR CAST(:kind AS text) = ANY (missing))
    ORDER BY unit_code
    LIMIT :limit
""")

ONE = sql(f"SELECT missing FROM ({_MISSING} AND u.unit_code = :unit_code) AS one")

TOTALS = sql(f"""
    SELECT department_code, township_code, count(*) AS units,
        count(*) FILTER (WHERE cardinality(missing) > 0) AS incomplete
    FROM ({_MISSING}) AS one
    GROUP BY 1, 2
""")

COUNTS = sql(f"""
    SELECT kind, department_code, township_code, count(*) AS units
    FROM ({_MISSING}) AS one, unnest(missing) AS kind
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")

NAMES = sql("SELECT code, name FROM registry.department WHERE code = ANY (CAST(:codes AS text[]))")

BASIS = sql("""
    SELECT string_agg(basis, ';' ORDER BY map_id) AS basis_text, min(principle) AS principle
    FROM registry.industry_map WHERE map_id = ANY (CAST(:map_ids AS bigint[]))
""")

ENROLLED = sql("""
    SELECT count(DISTINCT person_id) FROM registry.enrolment
    WHERE unit_code = :unit_code AND enrolled_on <= :today AND (left_on IS NULL OR left_on > :today)
""")

CHECKED = sql("""
    UPDATE registry.unit
    SET contact_confirmed_on = CASE WHEN :outcome = 'confirmed' THEN :today ELSE contact_confirmed_on END,
        contact_problem = NULLIF(:outcome, 'confirmed'), contact_told_on = NULL
    WHERE unit_code = :unit_code
""")

# Whose named person has not been confirmed for too long, or was reported: told of once until that changes.
LAPSED = sql("""
    UPDATE registry.unit SET contact_told_on = :today
    WHERE unit_code IN (
        SELECT unit_code FROM registry.unit
        WHERE contact_told_on IS NULL AND (closed_on IS NULL OR closed_on > :today)
          AND (contact_problem IS NOT NULL
               OR COALESCE(contact_confirmed_on, CAST(created_at AT TIME ZONE 'Asia/Shanghai' AS date))
                   < CAST(:today AS date) - CAST(:days AS integer))
        ORDER BY unit_code LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING unit_code, township_code, department_code, contact_problem,
        COALESCE(contact_confirmed_on, CAST(created_at AT TIME ZONE 'Asia/Shanghai' AS date)) AS confirmed_on
""")

_TESTER = """
    tester_id, institution_code, institution_name, lab_code, place, from_time, effective_from, effective_to
"""

TESTERS = sql(f"""
    SELECT {_TESTER} FROM registry.unit_tester WHERE unit_code = :unit_code ORDER BY effective_from, tester_id
""")

INSERT_TESTER = sql(f"""
    INSERT INTO registry.unit_tester
        (tester_id, unit_code, institution_code, institution_name, lab_code, place, from_time, effective_from,
         effective_to,
         created_by, created_at)
    VALUES (:tester_id, :unit_code, :institution_code, :institution_name, :lab_code, :place,
        :from_time, :effective_from,
        :effective_to, :created_by, :now)
    RETURNING {_TESTER}
""")

END_TESTER = sql(f"""
    UPDATE registry.unit_tester SET effective_to = :effective_to
    WHERE tester_id = :tester_id AND unit_code = :unit_code
    RETURNING {_TESTER}
""")

INSTITUTION = sql("SELECT name FROM registry.unit WHERE unit_code = :unit_code")
