"""Statements of evaluations."""

from shared.db import sql

# One evaluation a day, whoever asks and how often; one that failed is taken up where it stopped.
OPEN = sql("""
    INSERT INTO registry.evaluation (evaluation_id, day, as_of, asked_by, started_at)
    VALUES (:evaluation_id, :day, :as_of, :asked_by, :now)
    ON CONFLICT (day) DO UPDATE SET status = 'running', attempts = 0, again_at = NULL
        WHERE evaluation.status = 'failed'
""")

REOPEN = sql("""
    UPDATE registry.evaluation SET status = 'running', attempts = 0, again_at = NULL
    WHERE status = 'failed' AND coalesce(again_at, clock_timestamp()) <= clock_timestamp()
""")

BY_DAY = sql("SELECT evaluation_id, as_of, status FROM registry.evaluation WHERE day = :day")

BY_ID = sql("""
    SELECT evaluation_id, day, as_of, status, counts, started_at, finished_at
    FROM registry.evaluation WHERE evaluation_id = :evaluation_id
""")

NOTE_START = sql("INSERT INTO registry.evaluation_start (day) VALUES (:day) ON CONFLICT (one) DO NOTHING")

IS_MISSING = sql("""
    SELECT EXISTS (SELECT FROM registry.evaluation_start WHERE day < :day)
       AND NOT EXISTS (SELECT FROM registry.evaluation WHERE day = :day)
""")

# One that has just failed stands behind the others: the day that is well is told first.
TAKE = sql("""
    SELECT evaluation_id, day, as_of, phase, after_unit, after_person, counts, attempts
    FROM registry.evaluation WHERE status = 'running'
    ORDER BY attempts > 0, day LIMIT 1 FOR UPDATE SKIP LOCKED
""")

ADVANCE = sql("""
    UPDATE registry.evaluation
    SET phase = :phase, after_unit = :after_unit, after_person = :after_person,
        counts = CAST(:counts AS jsonb), attempts = 0
    WHERE evaluation_id = :evaluation_id
""")

FINISH = sql("""
    UPDATE registry.evaluation SET status = 'done', counts = CAST(:counts AS jsonb), finished_at = :now
    WHERE evaluation_id = :evaluation_id
""")

NOTE_FAILURE = sql("""
    UPDATE registry.evaluation
    SET attempts = attempts + 1, status = CASE WHEN attempts + 1 >= :most THEN 'failed' ELSE status END,
        again_at = CASE WHEN attempts + 1 >= :most THEN clock_timestamp() + make_interval(mins => :rest) END
    WHERE evaluation_id = :evaluation_id
""")

UNITS = sql("""
    SELECT unit_code, township_code, department_code FROM registry.unit
    WHERE unit_code > :after ORDER BY unit_code LIMIT :limit
""")

# Everybody who may need a reminder: due within the longest notice, or with a duty that has changed
# since it was stored. What is due is decided by `status_of`.
PEOPLE_OF_UNITS = sql("""
    SELECT DISTINCT e.unit_code, e.person_id, p.health_code_id
    FROM registry.enrolment e
    JOIN registry.person p ON p.person_id = e.person_id
    JOIN registry.person_status s ON s.person_id = e.person_id
    WHERE e.unit_code = ANY(CAST(:units AS text[])) AND e.category_code IS NOT NULL
      AND e.enrolled_on <= :day AND (e.left_on IS NULL OR e.left_on > :day)
      AND (:past OR s.due_on <= CAST(:day AS date) + 31 OR s.boundary_on <= :day)
    ORDER BY e.unit_code, e.person_id
""")

PEOPLE_WITHOUT_UNIT = sql("""
    SELECT DISTINCT e.person_id, p.health_code_id
    FROM registry.enrolment e JOIN registry.person p ON p.person_id = e.person_id
    WHERE e.unit_code IS NULL AND e.category_code IS NOT NULL
      AND e.enrolled_on <= :day AND (e.left_on IS NULL OR e.left_on > :day)
      AND (CAST(:after AS uuid) IS NULL OR e.person_id > CAST(:after AS uuid))
      AND NOT EXISTS (
          SELECT FROM registry.enrolment o
          WHERE o.person_id = e.person_id AND o.unit_code IS NOT NULL AND o.category_code IS NOT NULL
            AND o.enrolled_on <= :day AND (o.left_on IS NULL OR o.left_on > :day)
      )
    ORDER BY e.person_id LIMIT :limit
""")
