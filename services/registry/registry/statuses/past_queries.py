"""Statements over what people, enrolments, exemptions, events and units were at a moment.

A version held until its row in the history was written, the newest until now: of the versions whose end
lies after the moment the first is the one that was known then.
"""

from shared.db import sql

# Stays that had ended before another began in the same place are true beside it.
ENROLMENTS = sql("""
    WITH versions AS (
        SELECT enrolment_id, person_id, unit_code, category_code, department_in_unit, employment_type,
               enrolled_on, left_on, created_at, CAST('infinity' AS timestamptz) AS changed_at,
               NULL AS change, CAST(9223372036854775807 AS bigint) AS history_id
        FROM registry.enrolment WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
        UNION ALL
        SELECT h.enrolment_id, h.person_id, h.unit_code, h.category_code, h.department_in_unit,
               h.employment_type, h.enrolled_on, h.left_on, e.created_at, h.changed_at, h.change, h.history_id
        FROM registry.enrolment_history h JOIN registry.enrolment e USING (enrolment_id)
        WHERE h.person_id = ANY(CAST(:person_ids AS uuid[]))
    ), held AS (
        (SELECT DISTINCT ON (enrolment_id) * FROM versions
         WHERE changed_at > :known_by AND created_at <= :known_by
         ORDER BY enrolment_id, history_id)
        UNION ALL
        SELECT * FROM versions WHERE change = 'again' AND changed_at <= :known_by
    )
    SELECT v.enrolment_id, v.person_id, v.unit_code, v.category_code, v.department_in_unit, v.employment_type,
           v.enrolled_on, v.left_on, coalesce(p.township_code, u.township_code) AS township_code,
           CASE WHEN p.township_code IS NULL THEN u.department_code ELSE p.department_code END
               AS department_code, t.parent_code
    FROM held v
    LEFT JOIN registry.unit u ON u.unit_code = v.unit_code
    LEFT JOIN LATERAL (
        SELECT h.township_code, h.department_code FROM registry.unit_place_history h
        WHERE h.unit_code = v.unit_code AND h.changed_at > :at
        ORDER BY h.history_id LIMIT 1
    ) p ON true
    LEFT JOIN registry.department t ON t.code = coalesce(p.township_code, u.township_code)
    ORDER BY v.person_id, v.enrolled_on, v.enrolment_id, v.history_id
""")

EXEMPTIONS = sql("""
    WITH versions AS (
        SELECT exemption_id, person_id, kind, from_on, to_on, created_at,
               CAST('infinity' AS timestamptz) AS changed_at,
               CAST(9223372036854775807 AS bigint) AS history_id
        FROM registry.exemption WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
        UNION ALL
        SELECT exemption_id, person_id, kind, from_on, to_on,
               coalesce(created_at, CAST('-infinity' AS timestamptz)), changed_at, history_id
        FROM registry.exemption_history WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
    ), held AS (
        SELECT DISTINCT ON (exemption_id) * FROM versions
        WHERE changed_at > :known_by AND created_at <= :known_by
        ORDER BY exemption_id, history_id
    )
    SELECT exemption_id, person_id, kind, from_on, to_on FROM held ORDER BY person_id, from_on, exemption_id
""")

EVENTS = sql("""
    WITH versions AS (
        SELECT event_id, happens_at, released_on, ended_on, CAST('infinity' AS timestamptz) AS changed_at,
               CAST(9223372036854775807 AS bigint) AS history_id
        FROM registry.event WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
        UNION ALL
        SELECT event_id, happens_at, released_on, ended_on, changed_at, history_id
        FROM registry.event_history WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
    ), held AS (
        SELECT DISTINCT ON (event_id) * FROM versions WHERE changed_at > :known_by
        ORDER BY event_id, history_id
    )
    SELECT v.person_id, v.kind, v.category_code, h.happens_at AS at, v.variant, h.released_on, h.ended_on
    FROM held h JOIN registry.event v USING (event_id)
    WHERE v.created_at <= :known_by
    ORDER BY h.happens_at, event_id
""")

PEOPLE = sql("""
    SELECT p.person_id, p.created_at,
           CASE WHEN h.history_id IS NULL THEN p.vaccination_completed_on ELSE h.vaccination_completed_on END
               AS vaccination_completed_on
    FROM registry.person p
    LEFT JOIN LATERAL (
        SELECT v.history_id, v.vaccination_completed_on FROM registry.vaccination_history v
        WHERE v.person_id = p.person_id AND v.changed_at > :known_by
        ORDER BY v.history_id LIMIT 1
    ) h ON true
    WHERE p.person_id = ANY(CAST(:person_ids AS uuid[])) AND p.created_at <= :known_by
""")

# What is shipped was always known: it holds from its first day on, whenever it was loaded.
RULES_UNKNOWN = sql("""
    SELECT rule_id FROM registry.rule WHERE created_at > :known_by AND created_by <> 'shipped'
""")
