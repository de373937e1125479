"""Statements that read and write statuses by the group."""

from typing import Final

from shared.db import sql

# What follows from a duty and the day of the newest sample; the rest of a row stays as it is.
STORED: Final = {
    "duty_from": "date",
    "interval_days": "integer",
    "interval_months": "integer",
    "plain_from": "date",
    "soon_days": "integer",
    "category_code": "text",
    "rule_id": "bigint",
    "due_on": "date",
    "boundary_on": "date",
    "next_change_at": "timestamptz",
}

# In person order, so that no two writers wait for each other crosswise. A statement of its own: what is read
# after it is newer than whatever it waited for.
LOCK = sql("""
    SELECT count(*) FROM (
        SELECT FROM registry.person_status
        WHERE person_id = ANY(CAST(:person_ids AS uuid[])) ORDER BY person_id FOR NO KEY UPDATE
    ) AS locked
""")

_COLUMNS: Final = ", ".join(f"s.{name}" for name in STORED)
_KEY: Final = f"""
    s.counted_on, (s.last_outcome IS NOT NULL), {_COLUMNS}, p.vaccination_completed_on, e.enrolments,
    CAST(s.shown_at AT TIME ZONE 'Asia/Shanghai' AS date)
"""

# People without a hold, a tube under test, an exemption or an event, told of under the code that they have.
# Their ids come as one text, which goes back as it is: no object of each is made. Where a unit lies is read
# for the categories that some rule of an area is about: of others it decides nothing.
GROUPS = sql(f"""
    WITH unusual AS MATERIALIZED (
        SELECT person_id FROM registry.exemption WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
        UNION ALL
        SELECT person_id FROM registry.event WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
    )
    SELECT s.counted_on, (s.last_outcome IS NOT NULL) AS tested, {_COLUMNS}, p.vaccination_completed_on,
           e.enrolments, CAST(s.shown_at AT TIME ZONE 'Asia/Shanghai' AS date) AS shown_on,
           count(*) AS people, CAST(array_agg(s.person_id) AS text) AS person_ids
    FROM unnest(CAST(:person_ids AS uuid[])) AS wanted (person_id)
    CROSS JOIN LATERAL (
        SELECT * FROM registry.person_status WHERE person_id = wanted.person_id OFFSET 0
    ) s
    CROSS JOIN LATERAL (
        SELECT health_code_id, vaccination_completed_on FROM registry.person
        WHERE person_id = wanted.person_id OFFSET 0
    ) p
    CROSS JOIN LATERAL (
        SELECT string_agg(
            concat_ws('|', n.category_code, n.enrolled_on, coalesce(CAST(n.left_on AS text), ''),
                      coalesce(u.township_code, ''), coalesce(u.department_code, '')), E'\\n'
            ) FILTER (WHERE n.category_code IS NOT NULL) AS enrolments
        FROM registry.enrolment n
        LEFT JOIN registry.unit u
          ON u.unit_code = CASE WHEN n.category_code = ANY(CAST(:by_area AS text[])) THEN n.unit_code END
        WHERE n.person_id = wanted.person_id
    ) e
    WHERE NOT s.special AND s.hold IS NULL AND cardinality(s.pending_tubes) = 0
      AND s.exempt_from IS NULL AND s.suspended_from IS NULL
      AND s.shown_code IS NOT DISTINCT FROM p.health_code_id
      AND wanted.person_id NOT IN (SELECT person_id FROM unusual)
    GROUP BY {_KEY}
""")

PARENTS = sql("SELECT code, parent_code FROM registry.department WHERE parent_code IS NOT NULL")

_ARRAYS: Final = ", ".join(f"CAST(:new_{name} AS {kind}[])" for name, kind in STORED.items())
_NAMES: Final = ", ".join(STORED)
_SET: Final = ", ".join(f"{name} = g.{name}" for name in STORED)

WRITE = sql(f"""
    WITH g AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:shows AS boolean[]), CAST(:lists AS text[]), {_ARRAYS})
            AS g (shows, person_ids, {_NAMES})
    )
    UPDATE registry.person_status s
    SET {_SET}, shown_at = :now,
        version = s.version + CAST(g.shows AS integer),
        changed_at = CASE WHEN g.shows THEN CAST(:now AS timestamptz) ELSE s.changed_at END
    FROM g CROSS JOIN LATERAL unnest(CAST(g.person_ids AS uuid[])) AS m (person_id)
    WHERE s.person_id = m.person_id
""")
