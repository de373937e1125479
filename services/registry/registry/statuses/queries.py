"""Statements of statuses. Column lists follow `display.COLUMNS`."""

from functools import cache
from typing import Final

from registry.statuses.display import COLUMNS
from registry.statuses.wording import AFTER, BEFORE, GROUP, SHARED, TUBES
from registry.statuses.wording import COLUMNS as WORDED
from shared.bus.putting_off import not_put_off
from shared.db import sql

STAGE: Final = "status_stage"
TIMER: Final = "statuses.timer"
TIMER_CHUNK: Final = 10_000
_ALL: Final = ", ".join(COLUMNS)
_OF_S: Final = ", ".join(f"s.{column}" for column in COLUMNS)
_SET: Final = ", ".join(f"{column} = EXCLUDED.{column}" for column in COLUMNS if column != "person_id")

# In person order, so that no two writers wait for each other crosswise.
LOCK_ROWS = sql(f"""
    SELECT {_OF_S} FROM registry.person_status s
    WHERE s.person_id = ANY(CAST(:person_ids AS uuid[]))
    ORDER BY s.person_id FOR NO KEY UPDATE
""")

ROWS = sql(f"""
    SELECT {_OF_S} FROM registry.person_status s WHERE s.person_id = ANY(CAST(:person_ids AS uuid[]))
""")


# Run by `shared.reads`, so with `$1` …; what they name is `wording.COLUMNS`.
@cache
def by_code(now: str) -> str:
    """Return the statement that reads one status together with the time that `now` stands for."""
    return f"""
        SELECT {now}, {WORDED}
        FROM registry.person p JOIN registry.person_status s ON s.person_id = p.person_id
        WHERE p.health_code_id = $1
    """


BY_CODES: Final = f"""
    SELECT {WORDED}
    FROM unnest(CAST($1 AS text[])) AS wanted (code)
    CROSS JOIN LATERAL (
        SELECT person_id, health_code_id FROM registry.person WHERE health_code_id = wanted.code OFFSET 0
    ) p
    CROSS JOIN LATERAL (
        SELECT * FROM registry.person_status WHERE person_id = p.person_id OFFSET 0
    ) s
"""

# A status as JSON text, but for what its group shares; only tested people have times.
_TIMES: Final = """concat(s.last_collected_at, ':00","tested_at":"', s.last_tested_at,
                   ':00","reported_at":"', s.last_reported_at, ':00')"""
_LINE: Final = f"""concat('{{"health_code_id":"', s.shown_code, '"{BEFORE}',
                   CASE WHEN s.last_outcome IS NOT NULL THEN {_TIMES} END,
                   '{AFTER}', s.version, ',"changed_at":"', s.changed_at, ':00"}}')"""


def grouped(source: str) -> str:
    """Return the statement that `Wording.of_groups` reads, over a source with the statuses as `s`.

    A row holds what some people share, and their lines; who has no health code is left out. Whoever's duty
    is out of date on the business day $2 is named, to be worked out again. The code is the one that the
    version was told of: a code and its status change in one transaction, so it is the person's own.
    """
    tubes = (f"nullif(s.{column}, '{{}}') AS {column}" for column in TUBES)
    shared, columns = ", ".join(GROUP), ", ".join((*(f"s.{column}" for column in SHARED), *tubes))
    out_of_date = "FILTER (WHERE boundary_on <= CAST($2 AS date))"
    return f"""
        SELECT {shared}, max(CAST(person_id AS text) COLLATE "C"), count(*), string_agg(line, E'\\n'),
               array_agg(person_id) {out_of_date}, array_agg(shown_code) {out_of_date}
        FROM (SELECT {columns}, s.person_id, s.shown_code, {_LINE} AS line {source}) AS each
        GROUP BY {shared}
    """


# The caller's area: the people enrolled in its units on the business day. Without one, everybody.
_IN_AREA: Final = """
    EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit u USING (unit_code)
            WHERE e.person_id = {holder}
              AND (e.left_on IS NULL OR e.left_on > CAST($2 AS date))
              AND (CAST($3 AS text) IS NULL OR u.township_code = $3)
              AND (CAST($4 AS text) IS NULL OR u.department_code = $4))
"""
_SEEN: Final = f"""
    s.shown_code IS NOT NULL
    AND (CAST($3 AS text) IS NULL AND CAST($4 AS text) IS NULL OR {_IN_AREA.format(holder="s.person_id")})
"""

BY_PERSONS: Final = grouped(f"""
    FROM unnest(CAST($1 AS uuid[])) AS wanted (person_id)
    CROSS JOIN LATERAL (
        SELECT * FROM registry.person_status WHERE person_id = wanted.person_id OFFSET 0
    ) s
    WHERE {_SEEN}
""")

AFTER_PERSON: Final = grouped(f"""
    FROM registry.person_status s WHERE s.person_id > $1 AND {_SEEN} ORDER BY s.person_id LIMIT $5
""")

# Asked only for clients with an area. A code that nobody holds any more is its last holder's; one that
# nobody ever held lies outside.
OUTSIDE: Final = f"""
    SELECT c.code FROM unnest(CAST($1 AS text[])) AS c (code)
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT person_id FROM registry.person WHERE health_code_id = c.code),
                        (SELECT person_id FROM registry.health_code_history WHERE health_code_id = c.code
                         ORDER BY history_id DESC LIMIT 1)) AS person_id
    ) AS held
    WHERE NOT {_IN_AREA.format(holder="held.person_id")}
"""

PEOPLE = sql("""
    SELECT person_id, health_code_id, vaccination_completed_on FROM registry.person
    WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
""")

ENROLMENTS = sql("""
    SELECT e.person_id, e.category_code, e.enrolled_on, e.left_on,
           u.township_code, u.department_code, t.parent_code
    FROM registry.enrolment e
    LEFT JOIN registry.unit u ON u.unit_code = e.unit_code
    LEFT JOIN registry.department t ON t.code = u.township_code
    WHERE e.person_id = ANY(CAST(:person_ids AS uuid[])) AND e.category_code IS NOT NULL
""")

EXEMPTIONS = sql("""
    SELECT person_id, kind, from_on, to_on FROM registry.exemption
    WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
""")

EVENTS = sql("""
    SELECT person_id, kind, category_code, happens_at AS at, variant, released_on, ended_on
    FROM registry.event
    WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
    ORDER BY happens_at, event_id
""")

RULES = sql("""
    SELECT rule_id, category_code, version, effective_from, effective_to, area_code, shape, params
    FROM registry.rule
""")

SWITCHES = sql("SELECT category_code, vaccinated_as FROM registry.category WHERE vaccinated_as IS NOT NULL")

FACTS = sql("""
    SELECT l.person_id, l.kind, l.entry_id, coalesce(l.result_id, l.entry_id) AS result_id, l.outcome, l.mode,
           l.test_kind, l.collected_at, l.tested_at, l.reported_at, l.lab_code, l.tube_id, l.tube_code,
           l.paired_with, l.replaces, l.from_positive, l.limit_at
    FROM registry.ledger_entry l
    WHERE l.person_id = ANY(CAST(:person_ids AS uuid[]))
      AND (CAST(:known_by AS timestamptz) IS NULL OR l.recorded_at <= CAST(:known_by AS timestamptz))
""")

REVIEWS = sql("""
    SELECT result_id, review_id, revision, verdict FROM registry.ledger_review
    WHERE result_id = ANY(CAST(:result_ids AS uuid[]))
      AND (CAST(:known_by AS timestamptz) IS NULL OR recorded_at <= CAST(:known_by AS timestamptz))
""")

CREATE_STAGE = sql(f"""
    CREATE TEMP TABLE IF NOT EXISTS {STAGE} (LIKE registry.person_status) ON COMMIT DELETE ROWS
""")

CLEAR_STAGE = sql(f"DELETE FROM pg_temp.{STAGE}")

WRITE_STAGE = sql(f"""
    INSERT INTO registry.person_status ({_ALL})
    SELECT {_ALL} FROM pg_temp.{STAGE} ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE SET {_SET}
""")

# Not locked here but in the savepoint of the work: a row that is locked outside and written inside gets a
# list of its two lockers, which costs more than the write. The limit is a constant: for an unknown one the
# planner reads everybody.
DUE_FOR_CHANGE = sql(f"""
    SELECT person_id FROM registry.person_status
    WHERE next_change_at <= :now AND {not_put_off(TIMER, "CAST(person_id AS text)", consumer="registry")}
    ORDER BY next_change_at LIMIT {TIMER_CHUNK}
""")

# Whether anybody's has changed and is not worked out yet, those under way in another worker included. There
# hardly ever is; the order keeps to the index, which EXISTS would drop to read everybody.
ANY_LEFT = sql(f"""
    SELECT true FROM registry.person_status
    WHERE next_change_at <= :now AND {not_put_off(TIMER, "CAST(person_id AS text)", consumer="registry")}
    ORDER BY next_change_at LIMIT 1
""")

# Asked for by `<>`, which no index has: by IS NOT NULL the planner went through the categories one by one.
WATCH = sql("""
    INSERT INTO registry.due_watch (unit_code, person_id)
    SELECT coalesce(e.unit_code, ''), p.person_id
    FROM unnest(CAST(:lists AS text[])) AS l (person_ids)
    CROSS JOIN LATERAL unnest(CAST(l.person_ids AS uuid[])) AS p (person_id)
    LEFT JOIN registry.enrolment e
      ON e.person_id = p.person_id AND e.category_code <> ''
     AND (e.left_on IS NULL OR e.left_on > :today)
    ON CONFLICT ON CONSTRAINT due_watch_pkey DO NOTHING
""")

# Any number; fixed here, since it is no row's.
HOLD_ENTERING = sql("SELECT pg_advisory_xact_lock_shared(7302611)")
HOLD_CHANGING = sql("SELECT pg_advisory_xact_lock(7302611)")

ASK_FOR_AREAS = sql("""
    INSERT INTO registry.category_refresh (category_code, after_person, requested_at)
    SELECT DISTINCT category_code, CAST(NULL AS uuid), CAST(:now AS timestamptz) FROM registry.rule
    WHERE area_code = ANY(CAST(:areas AS text[])) ORDER BY category_code
    ON CONFLICT (category_code) DO UPDATE SET after_person = NULL, requested_at = excluded.requested_at
""")
