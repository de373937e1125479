"""Statements of figures. A row is a week, a unit (or none), a category; its people lie in it as arrays."""

from typing import Final

from shared.db import sql

OPEN = sql("""
    INSERT INTO registry.figure_week (week_on, again_at)
    SELECT week_on, :now FROM unnest(CAST(:weeks AS date[])) AS w (week_on)
    ON CONFLICT ON CONSTRAINT figure_week_pkey DO NOTHING
""")

ASK = sql("""
    INSERT INTO registry.figure_week (week_on, again_at) VALUES (:week_on, :now)
    ON CONFLICT ON CONSTRAINT figure_week_pkey DO UPDATE SET again_at = EXCLUDED.again_at
""")

TAKE = sql("""
    SELECT week_on, after_unit, part, started_at, closed_at FROM registry.figure_week
    WHERE again_at <= :now ORDER BY week_on DESC LIMIT 1 FOR UPDATE SKIP LOCKED
""")

ADVANCE = sql("""
    UPDATE registry.figure_week SET after_unit = :after_unit, part = :part, started_at = :started_at
    WHERE week_on = :week_on
""")

FINISH = sql("""
    UPDATE registry.figure_week
    SET after_unit = '', part = NULL, started_at = NULL, again_at = :again_at, counted_at = :now,
        closed_at = coalesce(closed_at, CAST(:closed_at AS timestamptz))
    WHERE week_on = :week_on
""")

PUT_OFF = sql("UPDATE registry.figure_week SET again_at = :again_at WHERE week_on = :week_on")

UNITS = sql("""
    SELECT u.unit_code, (SELECT count(*) FROM registry.enrolment e WHERE e.unit_code = u.unit_code) AS people
    FROM registry.unit u
    WHERE u.unit_code > :after
      AND (EXISTS (SELECT FROM registry.enrolment e WHERE e.unit_code = u.unit_code)
           OR EXISTS (SELECT FROM registry.figure f
                      WHERE f.week_on = :week_on AND f.unit_code = u.unit_code))
    ORDER BY u.unit_code LIMIT :limit
""")

# Whoever was enrolled on a day of the week, also by a stay that ended before another began in the same place.
_IN_THE_WEEK: Final = """
    {table}.category_code IS NOT NULL AND {table}.enrolled_on <= CAST(:last AS date)
    AND ({table}.left_on IS NULL OR {table}.left_on > CAST(:first AS date))
"""

PEOPLE_OF_UNITS = sql(f"""
    SELECT person_id FROM (
        SELECT e.person_id FROM registry.enrolment e
        WHERE e.unit_code = ANY(CAST(:units AS text[])) AND {_IN_THE_WEEK.format(table="e")}
        UNION
        SELECT h.person_id FROM registry.enrolment_history h
        WHERE h.unit_code = ANY(CAST(:units AS text[])) AND h.change = 'again'
          AND {_IN_THE_WEEK.format(table="h")}
    ) AS found ORDER BY person_id
""")

_PART: Final = "get_byte(uuid_send({table}.person_id), 15) % CAST(:parts AS integer) = CAST(:part AS integer)"

PEOPLE_WITHOUT_UNIT = sql(f"""
    SELECT person_id FROM (
        SELECT e.person_id FROM registry.enrolment e
        WHERE e.unit_code IS NULL AND {_IN_THE_WEEK.format(table="e")} AND {_PART.format(table="e")}
        UNION
        SELECT h.person_id FROM registry.enrolment_history h
        WHERE h.unit_code IS NULL AND h.change = 'again'
          AND {_IN_THE_WEEK.format(table="h")} AND {_PART.format(table="h")}
        UNION
        SELECT v.person_id FROM registry.event v
        WHERE v.happens_at < :ends_at AND (v.ended_on IS NULL OR v.ended_on > CAST(:first AS date))
          AND {_PART.format(table="v")}
    ) AS found ORDER BY person_id
""")

STATUSES = sql("""
    SELECT person_id, special OR hold IS NOT NULL AS special, pending_at, pending_limits
    FROM registry.person_status WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
""")

# Plain negatives: for whoever has nothing else they all count. The newest of those before the window too.
SAMPLES = sql("""
    SELECT l.person_id,
           array_agg(DISTINCT l.collected_at ORDER BY l.collected_at)
               FILTER (WHERE l.collected_at >= :from_at OR l.collected_at = l.before) AS times
    FROM (
        SELECT person_id, collected_at,
               max(collected_at) FILTER (WHERE collected_at < :from_at)
                   OVER (PARTITION BY person_id) AS before
        FROM registry.ledger_entry
        WHERE person_id = ANY(CAST(:person_ids AS uuid[])) AND kind = 'result' AND outcome = 'negative'
          AND test_kind = 'pcr' AND collected_at < :ends_at
    ) l
    GROUP BY l.person_id
""")

# Of the units at hand everything is replaced; where nobody is left the row stays with nought, since it may
# have been closed with more. What the week closed with is kept from the first count after its end.
WRITE = sql("""
    WITH new AS (
        SELECT n.unit_code, n.category_code, CAST(n.met AS uuid[]) AS met, CAST(n.late AS uuid[]) AS late,
               CAST(n.missed AS uuid[]) AS missed, CAST(n.never AS uuid[]) AS never
        FROM unnest(CAST(:units AS text[]), CAST(:categories AS text[]), CAST(:met AS text[]),
                    CAST(:late AS text[]), CAST(:missed AS text[]), CAST(:never_tested AS text[]))
            AS n (unit_code, category_code, met, late, missed, never)
        UNION ALL
        SELECT f.unit_code, f.category_code, '{}', '{}', '{}', '{}'
        FROM registry.figure f
        WHERE f.week_on = :week_on AND f.part = :part AND f.unit_code = ANY(CAST(:codes AS text[]))
          AND (f.unit_code, f.category_code) NOT IN (
              SELECT * FROM unnest(CAST(:units AS text[]), CAST(:categories AS text[])))
    )
    INSERT INTO registry.figure AS held
        (week_on, unit_code, category_code, part, township_code, department_code, met, late, missed,
         never_tested, met_people, late_people, missed_people, never_tested_people, as_of,
         closed_met, closed_owed)
    SELECT :week_on, n.unit_code, n.category_code, :part,
           CASE WHEN p.unit_code IS NULL THEN u.township_code ELSE p.township_code END,
           CASE WHEN p.unit_code IS NULL THEN u.department_code ELSE p.department_code END,
           cardinality(n.met), cardinality(n.late), cardinality(n.missed), cardinality(n.never),
           n.met, n.late, n.missed, n.never, :now,
           CASE WHEN :closed THEN 0 WHEN :over THEN cardinality(n.met) END,
           CASE WHEN :closed THEN 0
                WHEN :over THEN cardinality(n.met) + cardinality(n.late) + cardinality(n.missed)
                                + cardinality(n.never) END
    FROM new n
    LEFT JOIN registry.unit u ON u.unit_code = n.unit_code
    LEFT JOIN LATERAL (
        SELECT h.unit_code, h.township_code, h.department_code FROM registry.unit_place_history h
        WHERE h.unit_code = n.unit_code AND h.changed_at > :at
        ORDER BY h.history_id LIMIT 1
    ) p ON true
    ON CONFLICT ON CONSTRAINT figure_pkey DO UPDATE
    SET township_code = EXCLUDED.township_code, department_code = EXCLUDED.department_code,
        met = EXCLUDED.met, late = EXCLUDED.late, missed = EXCLUDED.missed,
        never_tested = EXCLUDED.never_tested, met_people = EXCLUDED.met_people,
        late_people = EXCLUDED.late_people, missed_people = EXCLUDED.missed_people,
        never_tested_people = EXCLUDED.never_tested_people, as_of = EXCLUDED.as_of,
        closed_met = coalesce(held.closed_met, EXCLUDED.closed_met),
        closed_owed = coalesce(held.closed_owed, EXCLUDED.closed_owed)
""")

# How a row of a report is named, and from where.
KEYS: Final = {
    "week": "CAST(f.week_on AS text)",
    "unit": "f.unit_code",
    "category": "f.category_code",
    "department": "coalesce(f.department_code, '')",
    "township": "coalesce(f.township_code, '')",
}
_NAMES: Final = {
    "week": ("NULL", ""),
    "unit": ("n.name", "LEFT JOIN registry.unit n ON n.unit_code = g.key"),
    "category": ("n.name_zh", "LEFT JOIN registry.category n ON n.category_code = g.key"),
    "department": ("n.name", "LEFT JOIN registry.department n ON n.code = g.key"),
    "township": ("n.name", "LEFT JOIN registry.department n ON n.code = g.key"),
}
_WANTED: Final = """
    f.week_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    AND (CAST(:unit_code AS text) IS NULL OR f.unit_code = :unit_code)
    AND (CAST(:category_code AS text) IS NULL OR f.category_code = :category_code)
    AND (CAST(:township_code AS text) IS NULL OR f.township_code = :township_code)
    AND (CAST(:department_code AS text) IS NULL OR f.department_code = :department_code)
    AND (CAST(:area_township AS text) IS NULL OR f.township_code = :area_township)
    AND (CAST(:area_department AS text) IS NULL OR f.department_code = :area_department)
"""
_SUMS: Final = """
    coalesce(sum(f.met), 0) AS numerator,
    coalesce(sum(f.met + f.late + f.missed + f.never_tested), 0) AS denominator,
    coalesce(sum(f.late), 0) AS late, coalesce(sum(f.missed), 0) AS missed,
    coalesce(sum(f.never_tested), 0) AS never_tested, min(f.as_of) AS as_of,
    CASE WHEN bool_and(f.closed_met IS NOT NULL) THEN sum(f.closed_met) END AS closed_numerator,
    CASE WHEN bool_and(f.closed_met IS NOT NULL) THEN sum(f.closed_owed) END AS closed_denominator
"""
TOTAL = sql(f"SELECT {_SUMS} FROM registry.figure f WHERE {_WANTED}")

ROWS: Final = {
    by: sql(f"""
        SELECT g.*, {_NAMES[by][0]} AS name
        FROM (
            SELECT {key} AS key, {_SUMS} FROM registry.figure f
            WHERE {_WANTED} AND (CAST(:after AS text) IS NULL OR {key} > CAST(:after AS text))
            GROUP BY {key}
            HAVING sum(f.met + f.late + f.missed + f.never_tested) > 0 OR sum(f.closed_owed) > 0
            ORDER BY {key} LIMIT :limit
        ) g {_NAMES[by][1]}
        ORDER BY g.key
    """)
    for by, key in KEYS.items()
}
LOWEST: Final = {
    by: sql(f"""
        SELECT g.*, {_NAMES[by][0]} AS name
        FROM (
            SELECT {key} AS key, {_SUMS} FROM registry.figure f
            WHERE {_WANTED}
            GROUP BY {key}
            HAVING sum(f.met + f.late + f.missed + f.never_tested) > 0
            ORDER BY sum(f.met) / CAST(sum(f.met + f.late + f.missed + f.never_tested) AS numeric), {key}
            LIMIT :limit
        ) g {_NAMES[by][1]}
        ORDER BY g.numerator / CAST(g.denominator AS numeric), g.key
    """)
    for by, key in KEYS.items()
}

# Each row of `chosen` has somebody to show, so that so many rows are enough for a page. Only people of units
# that lie in the caller's area today are named.
PEOPLE: Final = {
    by: sql(f"""
        WITH chosen AS (
            SELECT f.* FROM registry.figure f
            WHERE {_WANTED}
              AND (CAST(:key AS text) IS NULL OR {key} = :key)
              AND (f.week_on, f.unit_code, f.category_code, f.part)
                  >= (CAST(:after_week AS date), CAST(:after_unit AS text), CAST(:after_category AS text),
                      CAST(:after_part AS integer))
              AND CASE CAST(:outcome AS text) WHEN 'met' THEN f.met WHEN 'late' THEN f.late
                  WHEN 'missed' THEN f.missed WHEN 'never_tested' THEN f.never_tested
                  ELSE f.met + f.late + f.missed + f.never_tested END > 0
            ORDER BY f.week_on, f.unit_code, f.category_code, f.part
            LIMIT CAST(:limit AS integer) + 1
        ), listed AS (
            SELECT s.week_on, s.unit_code, s.category_code, s.part, s.township_code, s.department_code,
                   s.as_of, x.person_id, x.outcome
            FROM chosen s
            CROSS JOIN LATERAL (
                SELECT unnest(s.met_people) AS person_id, 'met' AS outcome
                UNION ALL SELECT unnest(s.late_people), 'late'
                UNION ALL SELECT unnest(s.missed_people), 'missed'
                UNION ALL SELECT unnest(s.never_tested_people), 'never_tested'
            ) x
            WHERE (CAST(:outcome AS text) IS NULL OR x.outcome = :outcome)
              AND (s.week_on, s.unit_code, s.category_code, s.part, x.person_id)
                  > (CAST(:after_week AS date), CAST(:after_unit AS text), CAST(:after_category AS text),
                     CAST(:after_part AS integer), CAST(:after_person AS uuid))
            ORDER BY s.week_on, s.unit_code, s.category_code, s.part, x.person_id
            LIMIT :limit
        )
        SELECT l.*, p.health_code_id, p.sealed_contact
        FROM listed l
        LEFT JOIN registry.person p ON p.person_id = l.person_id
          AND (CAST(:area_township AS text) IS NULL AND CAST(:area_department AS text) IS NULL
               OR EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = l.unit_code
                          AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
                          AND (CAST(:area_department AS text) IS NULL
                               OR u.department_code = :area_department)))
        ORDER BY l.week_on, l.unit_code, l.category_code, l.part, l.person_id
    """)
    for by, key in KEYS.items()
}
