"""The versions of all that was entered about a person, newest first."""

from shared.db import sql

# A version begins where the one before it ended. Stays are shown inside the area only.
HISTORY = sql("""
    WITH stays AS (
        SELECT enrolment_id, unit_code, category_code, department_in_unit, employment_type, enrolled_on,
               left_on, NULL AS change, NULL AS ended_by, CAST(NULL AS timestamptz) AS ended_at,
               CAST(9223372036854775807 AS bigint) AS history_id, created_at, created_by
        FROM registry.enrolment WHERE person_id = :person_id
        UNION ALL
        SELECT h.enrolment_id, h.unit_code, h.category_code, h.department_in_unit, h.employment_type,
               h.enrolled_on, h.left_on, h.change, h.changed_by, h.changed_at, h.history_id,
               e.created_at, e.created_by
        FROM registry.enrolment_history h JOIN registry.enrolment e USING (enrolment_id)
        WHERE h.person_id = :person_id
    ), exemptions AS (
        SELECT exemption_id, kind, from_on, to_on, NULL AS change, NULL AS ended_by,
               CAST(NULL AS timestamptz) AS ended_at, CAST(9223372036854775807 AS bigint) AS history_id,
               created_at, created_by
        FROM registry.exemption WHERE person_id = :person_id
        UNION ALL
        SELECT exemption_id, kind, from_on, to_on, change, changed_by, changed_at, history_id, created_at,
               created_by
        FROM registry.exemption_history WHERE person_id = :person_id
    ), vaccinations AS (
        SELECT vaccination_completed_on, NULL AS ended_by, CAST(NULL AS timestamptz) AS ended_at,
               CAST(9223372036854775807 AS bigint) AS history_id, created_at, created_by
        FROM registry.person WHERE person_id = :person_id
        UNION ALL
        SELECT h.vaccination_completed_on, h.changed_by, h.changed_at, h.history_id, p.created_at,
               p.created_by
        FROM registry.vaccination_history h JOIN registry.person p USING (person_id)
        WHERE h.person_id = :person_id
    ), codes AS (
        SELECT health_code_id, NULL AS replaced_by, NULL AS ended_by, CAST(NULL AS timestamptz) AS ended_at,
               CAST(9223372036854775807 AS bigint) AS history_id, created_at, created_by
        FROM registry.person WHERE person_id = :person_id
        UNION ALL
        SELECT h.health_code_id, h.replaced_by, h.changed_by, h.held_until, h.history_id, p.created_at,
               p.created_by
        FROM registry.health_code_history h JOIN registry.person p USING (person_id)
        WHERE h.person_id = :person_id
    ), happenings AS (
        SELECT event_id, kind, category_code, variant, happens_at, released_on, ended_on,
               NULL AS ended_by, CAST(NULL AS timestamptz) AS ended_at,
               CAST(9223372036854775807 AS bigint) AS history_id, created_at, created_by
        FROM registry.event WHERE person_id = :person_id
        UNION ALL
        SELECT v.event_id, v.kind, v.category_code, v.variant, h.happens_at, h.released_on,
               h.ended_on, h.changed_by, h.changed_at, h.history_id, v.created_at, v.created_by
        FROM registry.event_history h JOIN registry.event v USING (event_id)
        WHERE h.person_id = :person_id
    ), entries AS (
        SELECT 'stay' AS what, concat('s', s.enrolment_id, lpad(CAST(s.history_id AS text), 19, '0')) AS key,
               coalesce(lag(s.ended_at) OVER w, s.created_at, s.ended_at) AS recorded_at,
               CASE WHEN lag(s.ended_at) OVER w IS NULL THEN s.created_by ELSE lag(s.ended_by) OVER w END
                   AS recorded_by,
               s.ended_at, s.ended_by, s.change,
               jsonb_build_object('unit_code', s.unit_code, 'category_code', s.category_code,
                   'department_in_unit', s.department_in_unit, 'employment_type', s.employment_type,
                   'enrolled_on', s.enrolled_on, 'left_on', s.left_on) AS details
        FROM stays s LEFT JOIN registry.unit u USING (unit_code)
        WHERE (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
          AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
        WINDOW w AS (PARTITION BY s.enrolment_id ORDER BY s.history_id)
        UNION ALL
        SELECT 'exemption', concat('e', exemption_id, lpad(CAST(history_id AS text), 19, '0')),
               coalesce(lag(ended_at) OVER w, created_at, ended_at),
               CASE WHEN lag(ended_at) OVER w IS NULL THEN created_by ELSE lag(ended_by) OVER w END,
               ended_at, ended_by, change,
               jsonb_build_object('exemption_id', exemption_id, 'kind', kind, 'from', from_on, 'to', to_on)
        FROM exemptions WINDOW w AS (PARTITION BY exemption_id ORDER BY history_id)
        UNION ALL
        SELECT 'vaccination', concat('v', lpad(CAST(history_id AS text), 19, '0')),
               coalesce(lag(ended_at) OVER w, created_at, ended_at),
               CASE WHEN lag(ended_at) OVER w IS NULL THEN created_by ELSE lag(ended_by) OVER w END,
               ended_at, ended_by, CASE WHEN ended_at IS NOT NULL THEN 'changed' END,
               jsonb_build_object('vaccination_completed_on', vaccination_completed_on)
        FROM vaccinations WINDOW w AS (ORDER BY history_id)
        UNION ALL
        SELECT 'health_code', concat('c', lpad(CAST(history_id AS text), 19, '0')),
               coalesce(lag(ended_at) OVER w, created_at, ended_at),
               CASE WHEN lag(ended_at) OVER w IS NULL THEN created_by ELSE lag(ended_by) OVER w END,
               ended_at, ended_by, CASE WHEN ended_at IS NOT NULL THEN 'replaced' END,
               jsonb_build_object('health_code_id', health_code_id, 'replaced_by', replaced_by)
        FROM codes WINDOW w AS (ORDER BY history_id)
        UNION ALL
        SELECT 'event', concat('h', event_id, lpad(CAST(history_id AS text), 19, '0')),
               coalesce(lag(ended_at) OVER w, created_at),
               CASE WHEN lag(ended_at) OVER w IS NULL THEN created_by ELSE lag(ended_by) OVER w END,
               ended_at, ended_by, CASE WHEN ended_at IS NOT NULL THEN 'changed' END,
               jsonb_build_object('event_id', event_id, 'kind', kind, 'category_code', category_code,
                   'variant', variant,
                   'at', to_char(happens_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"'),
                   'released_on', released_on, 'ended_on', ended_on)
        FROM happenings WINDOW w AS (PARTITION BY event_id ORDER BY history_id)
    )
    SELECT what, key, recorded_at, recorded_by, ended_at AS superseded_at, ended_by AS superseded_by, change,
           details
    FROM entries
    WHERE NOT (what = 'vaccination' AND change IS NULL AND details ->> 'vaccination_completed_on' IS NULL)
      AND NOT (what = 'health_code' AND details ->> 'health_code_id' IS NULL)
      AND (CAST(:before_at AS timestamptz) IS NULL
           OR (recorded_at, key) < (CAST(:before_at AS timestamptz), :before_key))
    ORDER BY recorded_at DESC, key DESC
    LIMIT :limit
""")
