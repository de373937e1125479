"""Statements of missed shares."""

from shared.db import sql

# The period in which the system was first started does not count.
START = sql("""
    INSERT INTO registry.share_look (period, first_day, after_unit, done)
    VALUES (:period, :first_day, '', true) ON CONFLICT DO NOTHING
""")

BEGIN = sql("""
    UPDATE registry.share_look SET first_day = :first_day, after_unit = '', done = false
    WHERE period = :period AND first_day < :first_day
""")

TAKE = sql("""
    SELECT period, first_day, after_unit FROM registry.share_look
    WHERE NOT done ORDER BY period LIMIT 1 FOR UPDATE SKIP LOCKED
""")

ADVANCE = sql("UPDATE registry.share_look SET after_unit = :after_unit, done = :done WHERE period = :period")

# Whether a period is still to be looked at: not of those before the first start, nor one that is through.
IS_AHEAD = sql("""
    SELECT EXISTS (SELECT FROM registry.share_look WHERE period = :period
                   AND (first_day < :first_day OR (first_day = :first_day AND NOT done)))
""")

UNITS_WITH = sql("""
    SELECT DISTINCT e.unit_code FROM registry.enrolment e JOIN registry.category c USING (category_code)
    WHERE e.unit_code = ANY (CAST(:units AS text[]))
      AND (c.category_code = ANY (CAST(:codes AS text[])) OR c.vaccinated_as = ANY (CAST(:codes AS text[])))
""")

# Samples of a period that were with a laboratory inside its limit when it ended.
UNDER_TEST = sql("""
    SELECT DISTINCT s.person_id
    FROM registry.enrolment e
    JOIN registry.person_status s USING (person_id)
    CROSS JOIN LATERAL unnest(s.pending_at, s.pending_limits) AS t (collected_at, limit_at)
    WHERE e.unit_code = ANY (CAST(:units AS text[]))
      AND t.collected_at >= CAST(:begins_at AS timestamptz) AND t.collected_at < CAST(:ends_at AS timestamptz)
      AND t.limit_at > CAST(:ends_at AS timestamptz)
""")

KNOWN = sql("""
    SELECT unit_code, department_in_unit, category_code, "check" FROM registry.share_finding
    WHERE unit_code = ANY (CAST(:units AS text[])) AND first_day = :first_day AND last_day = :last_day
""")

OPEN = sql("""
    WITH finding AS (
        INSERT INTO registry.finding
            (finding_id, unit_code, kind, source, period_from, period_to, opened_at, opened_by, looked_at)
        VALUES (:finding_id, :unit_code, 'coverage', 'share', :first_day, :last_day, :now, :opened_by, :now)
    )
    INSERT INTO registry.share_finding
        (finding_id, unit_code, department_in_unit, category_code, rule_id, "check", first_day, last_day,
         percent, numerator, denominator)
    VALUES (:finding_id, :unit_code, :department_in_unit, :category_code, :rule_id, :check, :first_day,
            :last_day, :percent, :numerator, :denominator)
""")

TO_LOOK_AT = sql("""
    SELECT f.finding_id, s.unit_code, s.department_in_unit, s.rule_id, s.first_day, s.last_day, s.percent
    FROM registry.finding f JOIN registry.share_finding s USING (finding_id)
    WHERE f.state = 'open' AND f.source = 'share'
      AND f.looked_at <= CAST(:now AS timestamptz) - make_interval(secs => :seconds)
    ORDER BY f.looked_at LIMIT 20 FOR NO KEY UPDATE OF f SKIP LOCKED
""")

END_SAMPLED = sql("""
    UPDATE registry.finding_person SET closed_at = :now, outcome = 'tested'
    WHERE finding_id = :finding_id AND closed_at IS NULL AND person_id = ANY (CAST(:person_ids AS uuid[]))
""")

END_REST = sql("""
    UPDATE registry.finding_person SET closed_at = :now, outcome = 'released'
    WHERE finding_id = :finding_id AND closed_at IS NULL
""")

CLOSE = sql("""
    UPDATE registry.finding SET state = 'closed', closed_at = :now, closed_by = :closed_by
    WHERE finding_id = :finding_id AND state = 'open'
    RETURNING finding_id
""")
