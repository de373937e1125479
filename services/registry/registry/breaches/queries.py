"""Statements of breaches."""

from typing import Final

from shared.db import sql

BEGIN = sql("""
    INSERT INTO registry.breach_week (week_on, evaluation_id, begun_at)
    VALUES (:week_on, :evaluation_id, :now)
    ON CONFLICT ON CONSTRAINT breach_week_pkey DO NOTHING
    RETURNING week_on
""")

OF_EVALUATION = sql("""
    SELECT week_on, after_unit, units, breached FROM registry.breach_week
    WHERE evaluation_id = :evaluation_id AND judged_at IS NULL
""")

ADVANCE = sql("""
    UPDATE registry.breach_week SET after_unit = :after_unit, units = :units, breached = :breached
    WHERE week_on = :week_on
""")

FINISH = sql("UPDATE registry.breach_week SET judged_at = :now WHERE week_on = :week_on")

# Where each unit lay at the end of the Sunday; one that had closed by then is not judged.
UNITS = sql("""
    SELECT u.unit_code, coalesce(p.township_code, u.township_code) AS township_code,
           CASE WHEN p.township_code IS NULL THEN u.department_code ELSE p.department_code END
               AS department_code,
           t.parent_code,
           (SELECT count(*) FROM registry.enrolment e WHERE e.unit_code = u.unit_code) AS people
    FROM registry.unit u
    LEFT JOIN LATERAL (
        SELECT h.township_code, h.department_code FROM registry.unit_place_history h
        WHERE h.unit_code = u.unit_code AND h.changed_at >= CAST(:ends_at AS timestamptz)
        ORDER BY h.history_id LIMIT 1
    ) p ON true
    LEFT JOIN registry.department t ON t.code = coalesce(p.township_code, u.township_code)
    WHERE u.unit_code > :after AND (u.closed_on IS NULL OR u.closed_on > CAST(:sunday AS date))
    ORDER BY u.unit_code LIMIT :limit
""")

CODES = sql("""
    SELECT person_id, health_code_id FROM registry.person WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
""")

# Found at work by the end of the Sunday and enrolled from no day up to it; whoever nobody knew at the spot
# check is found by the document once somebody has registered them. Found twice counts once.
NOT_ENROLLED = sql("""
    SELECT DISTINCT ON (f.unit_code, coalesce(CAST(k.person_id AS text), encode(s.id_index, 'hex'),
                                              CAST(p.entry_id AS text)))
           f.unit_code, p.since, p.entry_id, k.person_id, k.health_code_id
    FROM registry.finding f
    JOIN registry.finding_person p USING (finding_id)
    JOIN registry.spot_check c ON c.spot_check_id = f.spot_check_id
    LEFT JOIN registry.spot_check_person s ON s.spot_check_id = f.spot_check_id AND s."row" = p.spot_row
    LEFT JOIN registry.person d ON d.id_type = s.id_type AND d.id_index = s.id_index
    LEFT JOIN registry.person k ON k.person_id = coalesce(p.person_id, s.person_id, d.person_id)
    WHERE f.unit_code = ANY(CAST(:units AS text[])) AND f.source = 'spot_check' AND f.state <> 'withdrawn'
      AND p.reason = 'not_enrolled' AND p.outcome IS DISTINCT FROM 'withdrawn'
      AND c.checked_at < CAST(:ends_at AS timestamptz)
      AND NOT EXISTS (
          SELECT FROM registry.enrolment e
          WHERE e.unit_code = f.unit_code AND e.person_id = k.person_id
            AND e.enrolled_on <= CAST(:sunday AS date) AND (e.left_on IS NULL OR e.left_on > p.since))
    ORDER BY f.unit_code, coalesce(CAST(k.person_id AS text), encode(s.id_index, 'hex'),
                                   CAST(p.entry_id AS text)), p.since, p.entry_id
""")

# Shares of periods that had ended by the Sunday, and were not put right before it had.
SHARES = sql("""
    SELECT f.finding_id, m.unit_code, m.department_in_unit, m.category_code, m.rule_id, m."check",
           m.first_day, m.last_day, m.percent, m.numerator, m.denominator
    FROM registry.finding f JOIN registry.share_finding m USING (finding_id)
    WHERE f.unit_code = ANY(CAST(:units AS text[])) AND f.source = 'share'
      AND m.last_day <= CAST(:sunday AS date)
      AND (f.state = 'open' OR (f.state = 'closed' AND f.closed_at >= CAST(:ends_at AS timestamptz)))
    ORDER BY m.first_day, f.finding_id
""")

WRITE = sql("""
    INSERT INTO registry.breach
        (breach_id, week_on, unit_code, township_code, department_code, kinds, overdue, never_tested,
         not_enrolled, shares, judged_at)
    SELECT b.breach_id, CAST(:week_on AS date), b.unit_code, b.township_code, b.department_code,
           string_to_array(b.kinds, ' '), b.overdue, b.never_tested, b.not_enrolled, b.shares,
           CAST(:now AS timestamptz)
    FROM unnest(CAST(:breach_ids AS uuid[]), CAST(:unit_codes AS text[]), CAST(:township_codes AS text[]),
                CAST(:department_codes AS text[]), CAST(:kinds AS text[]), CAST(:overdue AS integer[]),
                CAST(:never_tested AS integer[]), CAST(:not_enrolled AS integer[]),
                CAST(:shares AS integer[]))
        AS b (breach_id, unit_code, township_code, department_code, kinds, overdue, never_tested,
              not_enrolled, shares)
""")

WRITE_PEOPLE = sql("""
    INSERT INTO registry.breach_person
        (breach_id, number, reason, since, category_code, person_id, entry_id)
    SELECT * FROM unnest(CAST(:breach_ids AS uuid[]), CAST(:numbers AS integer[]), CAST(:reasons AS text[]),
        CAST(:sinces AS date[]), CAST(:category_codes AS text[]), CAST(:person_ids AS uuid[]),
        CAST(:entry_ids AS uuid[]))
""")

WRITE_SHARES = sql("""
    INSERT INTO registry.breach_share (breach_id, finding_id)
    SELECT * FROM unnest(CAST(:breach_ids AS uuid[]), CAST(:finding_ids AS uuid[]))
""")

_SHOWN: Final = """
    SELECT b.breach_id, b.week_on, b.unit_code, u.name AS unit_name, b.township_code, b.department_code,
           b.kinds, b.overdue, b.never_tested, b.not_enrolled,
           b.overdue + b.never_tested + b.not_enrolled AS people, b.judged_at, s.shares
    FROM registry.breach b
    JOIN registry.unit u USING (unit_code)
    CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_object(
            'finding_id', m.finding_id, 'check', m."check",
            'department_in_unit', nullif(m.department_in_unit, ''), 'category_code', m.category_code,
            'percent', m.percent, 'numerator', m.numerator, 'denominator', m.denominator,
            'period_from', m.first_day, 'period_to', m.last_day) ORDER BY m.first_day, m.finding_id), '[]')
            AS shares
        FROM registry.breach_share h JOIN registry.share_finding m USING (finding_id)
        WHERE h.breach_id = b.breach_id
    ) s
    WHERE (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
"""

PAGE = sql(f"""
    {_SHOWN}
      AND (b.week_on < CAST(:before_week AS date)
           OR (b.week_on = CAST(:before_week AS date) AND b.unit_code > :after_unit))
      AND (CAST(:week AS date) IS NULL OR b.week_on = CAST(:week AS date))
      AND (CAST(:unit_code AS text) IS NULL OR b.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR b.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR b.department_code = :department_code)
    ORDER BY b.week_on DESC, b.unit_code LIMIT :limit
""")

ONE = sql(f"{_SHOWN} AND b.breach_id = :breach_id")

PEOPLE = sql("""
    SELECT p.number, p.reason, p.since, p.category_code, k.person_id, k.health_code_id, k.sealed_contact,
           s.sealed_identity
    FROM registry.breach_person p
    LEFT JOIN registry.finding_person e ON e.entry_id = p.entry_id
    LEFT JOIN registry.finding f ON f.finding_id = e.finding_id
    LEFT JOIN registry.spot_check_person s ON s.spot_check_id = f.spot_check_id AND s."row" = e.spot_row
    LEFT JOIN registry.person k ON k.person_id = coalesce(p.person_id, e.person_id, s.person_id)
    WHERE p.breach_id = :breach_id AND p.number > :after
    ORDER BY p.number LIMIT :limit
""")
