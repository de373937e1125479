"""Statements of evaluations."""

from typing import Final

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

# The units of somebody whose day has come or is near; of a day gone by, every unit.
UNITS = sql("""
    SELECT u.unit_code, u.township_code, u.department_code
    FROM (SELECT DISTINCT unit_code FROM registry.due_watch
          WHERE unit_code > :after ORDER BY unit_code LIMIT :limit) w
    JOIN registry.unit u USING (unit_code)
    ORDER BY u.unit_code
""")

UNITS_THEN = sql("""
    SELECT unit_code, township_code, department_code FROM registry.unit
    WHERE unit_code > :after ORDER BY unit_code LIMIT :limit
""")

# What decides whether somebody is reminded, of a row of registry.person_status: who share it come together.
# The code is the one that the status was told of, which is the person's own.
SHOWN: Final = (
    "counted_on", "pending_at", "pending_limits", "duty_from", "soon_days", "category_code",
    "due_on", "exempt_from", "exempt_to", "boundary_on",
)  # fmt: skip
_SHOWN: Final = ", ".join(f"s.{name}" for name in SHOWN)
# The list, row by row: without OFFSET 0 the planner reads everybody's rows to find the few, and without
# `s.person_id` it asks for the place of those whose day is far.
_LISTED: Final = """
    registry.due_watch w
    CROSS JOIN LATERAL (SELECT * FROM registry.person_status WHERE person_id = w.person_id OFFSET 0) s
"""
_NAMED: Final = """
    array_agg(s.person_id) AS person_ids, array_agg(s.shown_code) AS codes,
    CAST(array_agg(s.person_id) AS text) AS told
"""
_STILL_THERE: Final = """
    EXISTS (SELECT FROM registry.enrolment e
            WHERE e.unit_code = w.unit_code AND e.person_id = {person} AND e.category_code IS NOT NULL
              AND (e.left_on IS NULL OR e.left_on > :day) {begun} OFFSET 0)
"""
# Of the list, whoever was tested since is not told, and not even fetched.
_NEAR: Final = "(s.due_on - greatest(s.soon_days, 1) <= CAST(:day AS date) OR s.boundary_on <= :day)"

PEOPLE_OF_UNITS = sql(f"""
    SELECT w.unit_code, {_SHOWN}, {_NAMED} FROM {_LISTED}
    WHERE w.unit_code = ANY(CAST(:units AS text[])) AND {_NEAR}
      AND {_STILL_THERE.format(person="s.person_id", begun="AND e.enrolled_on <= :day")}
    GROUP BY w.unit_code, {_SHOWN}
""")

PEOPLE_OF_UNITS_THEN = sql("""
    SELECT e.unit_code, array_agg(e.person_id) AS person_ids, array_agg(p.health_code_id) AS codes
    FROM (
        SELECT DISTINCT unit_code, person_id FROM registry.enrolment
        WHERE unit_code = ANY(CAST(:units AS text[])) AND category_code IS NOT NULL
          AND enrolled_on <= :day AND (left_on IS NULL OR left_on > :day)
    ) AS e
    JOIN registry.person p ON p.person_id = e.person_id
    GROUP BY e.unit_code
""")

_IN_NO_UNIT = """
      NOT EXISTS (
          SELECT FROM registry.enrolment o
          WHERE o.person_id = {person} AND o.unit_code IS NOT NULL AND o.category_code IS NOT NULL
            AND o.enrolled_on <= :day AND (o.left_on IS NULL OR o.left_on > :day)
      )
"""

# Also those whom no unit has, but an event.
PEOPLE_WITHOUT_UNIT = sql(f"""
    SELECT CAST(NULL AS text) AS unit_code, {_SHOWN}, {_NAMED}
    FROM (
        SELECT s.* FROM {_LISTED}
        WHERE w.unit_code = '' AND (CAST(:after AS uuid) IS NULL OR w.person_id > CAST(:after AS uuid))
          AND {_NEAR} AND {_IN_NO_UNIT.format(person="w.person_id")}
        ORDER BY w.person_id LIMIT :limit
    ) AS s
    GROUP BY {_SHOWN}
""")

PEOPLE_WITHOUT_UNIT_THEN = sql(f"""
    SELECT CAST(NULL AS text) AS unit_code, array_agg(e.person_id) AS person_ids,
           array_agg(p.health_code_id) AS codes
    FROM (
        SELECT DISTINCT e.person_id FROM registry.enrolment e
        WHERE e.unit_code IS NULL AND e.category_code IS NOT NULL
          AND e.enrolled_on <= :day AND (e.left_on IS NULL OR e.left_on > :day)
          AND (CAST(:after AS uuid) IS NULL OR e.person_id > CAST(:after AS uuid))
          AND {_IN_NO_UNIT.format(person="e.person_id")}
        ORDER BY e.person_id LIMIT :limit
    ) AS e
    JOIN registry.person p ON p.person_id = e.person_id
    HAVING count(*) > 0
""")

# Whose day is far again and wakes the timer when it comes near, which a rule without notice need not do.
_FAR: Final = """
    coalesce(s.due_on IS NULL OR (s.soon_days > 0 AND s.due_on - s.soon_days > CAST(:day AS date)), false)
"""
_HAS_LEFT: Final = f"""
    (w.unit_code <> '' AND NOT {_STILL_THERE.format(person="w.person_id", begun="")})
"""

# Of the list those whose day is far again, and whom the unit no longer has; whoever was just told of is not
# looked at again. In person order, as everywhere. Whoever works a status out holds its lock: what is read
# under it is the newest, and what enrolments say after it is visible to the next statement.
LOCK_OVER = sql(f"""
    SELECT CAST(array_agg(w.unit_code) AS text) AS units, CAST(array_agg(w.person_id) AS text) AS person_ids,
           CAST(array_agg({_FAR}) AS text) AS far
    FROM (SELECT * FROM registry.due_watch
          WHERE unit_code = ANY(CAST(:units AS text[]))
            AND (unit_code, person_id) NOT IN (
                SELECT t.unit_code, p.person_id
                FROM unnest(CAST(:told_units AS text[]), CAST(:told AS text[])) AS t (unit_code, person_ids)
                CROSS JOIN LATERAL unnest(CAST(t.person_ids AS uuid[])) AS p (person_id))
          ORDER BY person_id OFFSET 0) w
    CROSS JOIN LATERAL (
        SELECT * FROM registry.person_status WHERE person_id = w.person_id OFFSET 0 FOR NO KEY UPDATE
    ) s
    WHERE {_FAR} OR {_HAS_LEFT}
""")

FORGET = sql(f"""
    DELETE FROM registry.due_watch w
    USING unnest(CAST(CAST(:units AS text) AS text[]), CAST(CAST(:person_ids AS text) AS uuid[]),
                 CAST(CAST(:far AS text) AS boolean[])) AS l (unit_code, person_id, far)
    WHERE w.unit_code = l.unit_code AND w.person_id = l.person_id AND (l.far OR {_HAS_LEFT})
""")
