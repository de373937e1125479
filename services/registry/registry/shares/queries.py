"""Statements of shares."""

from shared.db import sql

# Units of the caller's area with somebody in one of the categories, also by way of vaccination.
UNITS = sql("""
    SELECT u.unit_code, u.name, u.township_code, u.department_code, t.parent_code
    FROM registry.unit u LEFT JOIN registry.department t ON t.code = u.township_code
    WHERE u.unit_code > :after
      AND (CAST(:unit_code AS text) IS NULL OR u.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
      AND EXISTS (SELECT FROM registry.enrolment e JOIN registry.category c USING (category_code)
                  WHERE e.unit_code = u.unit_code
                    AND (c.category_code = ANY (CAST(:codes AS text[]))
                         OR c.vaccinated_as = ANY (CAST(:codes AS text[]))))
    ORDER BY u.unit_code
    LIMIT :limit
""")

# The roster of units on a day, each person under the category that holds for them then; the first day of
# the period with a plain negative; and whether leave covers the whole period. `special`: look at the facts.
ROSTER = sql("""
    SELECT e.person_id, e.unit_code, e.department_in_unit, s.special,
           CASE WHEN c.vaccinated_as IS NOT NULL
                     AND p.vaccination_completed_on + interval '1 month' <= CAST(:last AS date)
                THEN c.vaccinated_as ELSE c.category_code END AS category_code,
           (SELECT CAST(min(l.collected_at) AT TIME ZONE 'Asia/Shanghai' AS date)
            FROM registry.ledger_entry l
            WHERE l.person_id = e.person_id AND l.kind = 'result' AND l.outcome = 'negative'
              AND l.test_kind = 'pcr'
              AND l.collected_at >= CAST(:first AS timestamp) AT TIME ZONE 'Asia/Shanghai'
              AND l.collected_at < (CAST(:until AS timestamp) + interval '1 day') AT TIME ZONE 'Asia/Shanghai'
           ) AS sampled_on,
           coalesce((SELECT range_agg(daterange(x.from_on, x.to_on, '[]'))
                            @> daterange(CAST(:first AS date), CAST(:last AS date), '[]')
                     FROM registry.exemption x
                     WHERE x.person_id = e.person_id AND x.kind IN ('exempt', 'leave')), false) AS excused
    FROM registry.enrolment e
    JOIN registry.category c USING (category_code)
    JOIN registry.person p ON p.person_id = e.person_id
    JOIN registry.person_status s ON s.person_id = e.person_id
    WHERE e.unit_code = ANY (CAST(:units AS text[])) AND e.enrolled_on <= CAST(:last AS date)
      AND (e.left_on IS NULL OR e.left_on > CAST(:last AS date))
    ORDER BY e.unit_code, e.department_in_unit, e.person_id
""")

NAMED = sql("""
    SELECT person_id, health_code_id, sealed_contact FROM registry.person
    WHERE person_id = ANY (CAST(:person_ids AS uuid[]))
""")
