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

KNOWN = sql("""
    SELECT unit_code, department_in_unit, category_code, "check" FROM registry.share_finding
    WHERE unit_code = ANY (CAST(:units AS text[])) AND first_day = :first_day AND last_day = :last_day
""")

OPEN = sql("""
    WITH finding AS (
        INSERT INTO registry.finding
            (finding_id, unit_code, kind, source, period_from, period_to, opened_at, opened_by, looked_at)
        VALUES (:finding_id, :unit_code, 'frequency', 'share', :first_day, :last_day, :now, :opened_by, :now)
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
