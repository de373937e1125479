"""Statements of statuses. Column lists follow `display.COLUMNS`."""

from functools import cache
from typing import Final

from registry.statuses.display import COLUMNS
from registry.statuses.wording import COLUMNS as WORDED
from shared.bus.putting_off import not_put_off
from shared.db import sql

STAGE: Final = "status_stage"
TIMER: Final = "statuses.timer"
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

BY_PERSONS: Final = f"""
    SELECT {WORDED}
    FROM unnest(CAST($1 AS uuid[])) WITH ORDINALITY AS wanted (person_id, place)
    CROSS JOIN LATERAL (
        SELECT person_id, health_code_id FROM registry.person WHERE person_id = wanted.person_id OFFSET 0
    ) p
    CROSS JOIN LATERAL (
        SELECT * FROM registry.person_status WHERE person_id = p.person_id OFFSET 0
    ) s
    WHERE p.health_code_id IS NOT NULL
    ORDER BY wanted.place
"""

AFTER_PERSON: Final = f"""
    SELECT {WORDED}
    FROM registry.person p JOIN registry.person_status s ON s.person_id = p.person_id
    WHERE p.health_code_id IS NOT NULL AND p.person_id > $1
    ORDER BY p.person_id LIMIT $2
"""

# Asked only for clients with an area, which sees the people enrolled in its units. A code that
# nobody holds any more is its last holder's; one that nobody ever held lies outside.
OUTSIDE: Final = """
    SELECT c.code FROM unnest(CAST($1 AS text[])) AS c (code)
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT person_id FROM registry.person WHERE health_code_id = c.code),
                        (SELECT person_id FROM registry.health_code_history WHERE health_code_id = c.code
                         ORDER BY history_id DESC LIMIT 1)) AS person_id
    ) AS held
    WHERE NOT EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit u USING (unit_code)
                      WHERE e.person_id = held.person_id
                        AND (e.left_on IS NULL OR e.left_on > CAST($2 AS date))
                        AND (CAST($3 AS text) IS NULL OR u.township_code = $3)
                        AND (CAST($4 AS text) IS NULL OR u.department_code = $4))
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

# The holder of a row works on it; the others take the next ones.
DUE_FOR_CHANGE = sql(f"""
    SELECT person_id FROM registry.person_status
    WHERE next_change_at <= :now AND {not_put_off(TIMER, "CAST(person_id AS text)", consumer="registry")}
    ORDER BY next_change_at LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
""")
