"""Statements over who is to be sampled on a coming day, by the duties as they stand now."""

from shared.db import sql

# Whoever is under test already, held, or excused on that day is not sampled; positives are the CDC's.
_DUE = """
    SELECT DISTINCT ON (e.person_id, e.unit_code)
        e.person_id, e.unit_code, u.name AS unit_name, s.category_code, s.due_on,
        CASE WHEN s.counted_on IS NULL THEN 'never_tested' WHEN s.due_on < :day THEN 'before'
             ELSE 'on_the_day' END AS due,
        t.institution_code, t.institution_name, t.lab_code, t.place, t.from_time
    FROM registry.person_status s
    JOIN registry.enrolment e ON e.person_id = s.person_id
    JOIN registry.unit u ON u.unit_code = e.unit_code
    LEFT JOIN registry.unit_tester t ON t.unit_code = e.unit_code AND t.effective_from <= :day
        AND (t.effective_to IS NULL OR t.effective_to >= :day)
    WHERE s.due_on <= :day AND s.hold IS NULL AND e.category_code IS NOT NULL
      AND e.enrolled_on <= :day AND (e.left_on IS NULL OR e.left_on > :day)
      AND (s.exempt_from IS NULL OR NOT :day BETWEEN s.exempt_from AND s.exempt_to)
      AND NOT EXISTS (SELECT FROM unnest(s.pending_at) p WHERE p > :pending_since)
      AND (CAST(:unit_code AS text) IS NULL OR e.unit_code = :unit_code)
      AND (CAST(:institution_code AS text) IS NULL OR t.institution_code = :institution_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    ORDER BY e.person_id, e.unit_code
"""

PAGE = sql(f"""
    SELECT d.*, p.health_code_id, p.sealed_contact
    FROM ({_DUE}) d JOIN registry.person p USING (person_id)
    WHERE (d.person_id, d.unit_code) > (:after_person, :after_unit)
    ORDER BY d.person_id, d.unit_code LIMIT :limit
""")

COUNTS = sql(f"""
    SELECT institution_code, max(institution_name) AS institution_name,
        count(DISTINCT unit_code) AS units, count(DISTINCT person_id) AS people,
        count(DISTINCT person_id) FILTER (WHERE due = 'before') AS before,
        count(DISTINCT person_id) FILTER (WHERE due = 'never_tested') AS never_tested
    FROM ({_DUE}) d GROUP BY institution_code ORDER BY institution_code
""")

SAMPLERS = sql("""
    SELECT DISTINCT ON (unit_code) unit_code, samplers FROM registry.sampler_count
    WHERE unit_code = ANY (CAST(:codes AS text[])) AND effective_from <= :day
    ORDER BY unit_code, effective_from DESC
""")

PUT_SAMPLERS = sql("""
    INSERT INTO registry.sampler_count (unit_code, effective_from, samplers, updated_by, updated_at)
    VALUES (:unit_code, :effective_from, :samplers, :updated_by, :now)
    ON CONFLICT ON CONSTRAINT sampler_count_pkey DO UPDATE
    SET samplers = excluded.samplers, updated_by = excluded.updated_by, updated_at = excluded.updated_at
    RETURNING unit_code, samplers, effective_from
""")

TESTER = sql("""
    SELECT institution_code, institution_name, lab_code, place, from_time FROM registry.unit_tester
    WHERE unit_code = :unit_code AND effective_from <= :day AND (effective_to IS NULL OR effective_to >= :day)
""")
