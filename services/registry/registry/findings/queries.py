"""Statements over registry.finding and the people it names."""

from shared.db import sql

INSERT = sql("""
    INSERT INTO registry.finding
        (finding_id, unit_code, kind, source, spot_check_id, period_from, period_to, opened_at, opened_by,
         looked_at)
    VALUES (:finding_id, :unit_code, :kind, 'spot_check', :spot_check_id, :period_from, :period_to, :now,
        :opened_by, :now)
""")

INSERT_PEOPLE = sql("""
    INSERT INTO registry.finding_person
        (entry_id, finding_id, person_id, spot_row, reason, since, opened_at)
    SELECT p.*, CAST(:now AS timestamptz)
    FROM unnest(CAST(:entry_ids AS uuid[]), CAST(:finding_ids AS uuid[]), CAST(:person_ids AS uuid[]),
        CAST(:spot_rows AS integer[]), CAST(:reasons AS text[]), CAST(:sinces AS date[])) AS p
    ON CONFLICT (finding_id, person_id) WHERE closed_at IS NULL AND person_id IS NOT NULL DO NOTHING
""")

OPEN_OF_UNITS = sql("""
    SELECT finding_id, unit_code, kind FROM registry.finding
    WHERE source = 'evaluation' AND state = 'open' AND unit_code = ANY(CAST(:units AS text[]))
    ORDER BY unit_code, kind FOR NO KEY UPDATE
""")

OPEN_NEW = sql("""
    INSERT INTO registry.finding
        (finding_id, unit_code, kind, source, period_from, period_to, opened_at, opened_by, looked_at)
    SELECT f.finding_id, f.unit_code, f.kind, 'evaluation', f.since, greatest(f.since, CAST(:day AS date)),
        CAST(:now AS timestamptz), :opened_by, CAST(:now AS timestamptz)
    FROM unnest(CAST(:finding_ids AS uuid[]), CAST(:unit_codes AS text[]), CAST(:kinds AS text[]),
        CAST(:sinces AS date[])) AS f (finding_id, unit_code, kind, since)
    ON CONFLICT (unit_code, kind) WHERE state = 'open' AND source = 'evaluation' DO NOTHING
""")

# Whoever is no longer found: tested since, or without a duty.
CLOSE_MISSING = sql("""
    UPDATE registry.finding_person p
    SET closed_at = :now,
        outcome = CASE WHEN s.due_on >= CAST(:day AS date) AND s.counted_on IS NOT NULL THEN 'tested'
                       ELSE 'released' END
    FROM registry.finding_person q LEFT JOIN registry.person_status s ON s.person_id = q.person_id
    WHERE p.entry_id = q.entry_id AND p.closed_at IS NULL
      AND p.finding_id = ANY(CAST(:finding_ids AS uuid[]))
      AND NOT EXISTS (
          SELECT FROM unnest(CAST(:found_findings AS uuid[]), CAST(:found_people AS uuid[]))
              AS f (finding_id, person_id)
          WHERE f.finding_id = p.finding_id AND f.person_id = p.person_id)
""")

PROLONG = sql("""
    UPDATE registry.finding f
    SET period_to = greatest(f.period_to, CAST(:day AS date)),
        period_from = least(f.period_from,
            (SELECT min(p.since) FROM registry.finding_person p WHERE p.finding_id = f.finding_id))
    WHERE f.finding_id = ANY(CAST(:finding_ids AS uuid[])) AND f.state = 'open'
""")

CLOSE_EMPTY = sql("""
    UPDATE registry.finding f SET state = 'closed', closed_at = :now, closed_by = :closed_by
    WHERE f.finding_id = ANY(CAST(:finding_ids AS uuid[])) AND f.state = 'open'
      AND NOT EXISTS (SELECT FROM registry.finding_person p
                      WHERE p.finding_id = f.finding_id AND p.closed_at IS NULL)
    RETURNING f.finding_id, f.source
""")

TO_LOOK_AT = sql("""
    SELECT finding_id FROM registry.finding
    WHERE state = 'open' AND source = 'spot_check'
      AND looked_at <= CAST(:now AS timestamptz) - make_interval(secs => :seconds)
    ORDER BY looked_at LIMIT 20 FOR NO KEY UPDATE SKIP LOCKED
""")

LOOKED = sql("UPDATE registry.finding SET looked_at = :now WHERE finding_id = :finding_id")

LOCK = sql("""
    SELECT finding_id, unit_code, kind, source, state, opened_by FROM registry.finding
    WHERE finding_id = :finding_id FOR NO KEY UPDATE
""")

# Whom nobody knew at the spot check is found by the document once somebody has registered them.
OPEN_PEOPLE = sql("""
    SELECT p.entry_id, p.reason, coalesce(p.person_id, c.person_id, k.person_id) AS person_id,
           EXISTS (SELECT FROM registry.enrolment e
                   WHERE e.unit_code = f.unit_code
                     AND e.person_id = coalesce(p.person_id, c.person_id, k.person_id)
                     AND e.enrolled_on <= :today AND (e.left_on IS NULL OR e.left_on > :today)) AS enrolled
    FROM registry.finding_person p
    JOIN registry.finding f USING (finding_id)
    LEFT JOIN registry.spot_check_person c ON c.spot_check_id = f.spot_check_id AND c."row" = p.spot_row
    LEFT JOIN registry.person k ON k.id_type = c.id_type AND k.id_index = c.id_index
    WHERE p.finding_id = :finding_id AND p.closed_at IS NULL
    ORDER BY p.entry_id
""")

END_PEOPLE = sql("""
    UPDATE registry.finding_person p
    SET closed_at = :now, outcome = e.outcome, person_id = coalesce(p.person_id, e.person_id)
    FROM unnest(CAST(:entry_ids AS uuid[]), CAST(:outcomes AS text[]), CAST(:person_ids AS uuid[]))
        AS e (entry_id, outcome, person_id)
    WHERE p.entry_id = e.entry_id AND p.closed_at IS NULL
""")

# Also one that ended by itself while somebody disputed it: it was none all the same.
WITHDRAW = sql("""
    UPDATE registry.finding SET state = 'withdrawn', closed_at = :now, closed_by = :closed_by
    WHERE finding_id = :finding_id AND state <> 'withdrawn'
    RETURNING finding_id
""")

WITHDRAW_PEOPLE = sql("""
    UPDATE registry.finding_person SET closed_at = :now, outcome = 'withdrawn'
    WHERE finding_id = :finding_id AND closed_at IS NULL
""")

_SHOWN = """
    SELECT f.finding_id, f.unit_code, u.name AS unit_name, u.township_code, u.department_code, f.kind,
           f.source,
           f.spot_check_id, f.state, f.period_from, f.period_to, f.opened_at, f.opened_by, f.closed_at,
           f.closed_by,
           c.open, c.people, s.share
    FROM registry.finding f
    JOIN registry.unit u USING (unit_code)
    LEFT JOIN LATERAL (
        SELECT json_build_object('check', m."check", 'department_in_unit', nullif(m.department_in_unit, ''),
            'category_code', m.category_code, 'rule_id', m.rule_id, 'percent', m.percent,
            'numerator', m.numerator, 'denominator', m.denominator) AS share
        FROM registry.share_finding m WHERE m.finding_id = f.finding_id
    ) s ON true
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE p.closed_at IS NULL) AS open, count(*) AS people
        FROM registry.finding_person p WHERE p.finding_id = f.finding_id
    ) c
    WHERE (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
"""

PAGE = sql(f"""
    {_SHOWN}
      AND f.finding_id < CAST(:before AS uuid)
      AND (CAST(:unit_code AS text) IS NULL OR f.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:kind AS text) IS NULL OR f.kind = :kind)
      AND (CAST(:source AS text) IS NULL OR f.source = :source)
      AND (CAST(:state AS text) IS NULL OR f.state = :state)
    ORDER BY f.finding_id DESC LIMIT :limit
""")

ONE = sql(f"{_SHOWN} AND f.finding_id = :finding_id")

PEOPLE = sql("""
    SELECT p.entry_id, coalesce(p.person_id, c.person_id) AS person_id, p.spot_row, p.reason, p.since,
           p.opened_at, p.closed_at, p.outcome, k.health_code_id, k.sealed_contact, c.sealed_identity
    FROM registry.finding_person p
    JOIN registry.finding f USING (finding_id)
    LEFT JOIN registry.spot_check_person c ON c.spot_check_id = f.spot_check_id AND c."row" = p.spot_row
    LEFT JOIN registry.person k ON k.person_id = coalesce(p.person_id, c.person_id)
    WHERE p.finding_id = :finding_id AND p.entry_id > :after
    ORDER BY p.entry_id LIMIT :limit
""")
