"""Statements over who has been reminded of what; `unit_code` is empty for people without a unit."""

from functools import cache
from typing import Final

from sqlalchemy import TextClause

from shared.bus.putting_off import not_put_off
from shared.db import sql

CONFIRM: Final = "confirm.reminders"

_ADD: Final = """
WITH added AS (
    INSERT INTO notifier.reminder
        (unit_code, person_id, category_code, due_on, stage, day, due_state, health_code_id, as_of)
    SELECT :unit_code, new.person_id, new.category_code, new.due_on, new.stage, :day, new.due_state,
           new.health_code_id, :as_of
    FROM unnest(CAST(:person_ids AS uuid[]), CAST(:category_codes AS text[]), CAST(:due_ons AS date[]),
                CAST(:stages AS smallint[]), CAST(:due_states AS text[]), CAST(:health_code_ids AS text[]))
         AS new (person_id, category_code, due_on, stage, due_state, health_code_id)
    WHERE NOT EXISTS (
        SELECT FROM notifier.reminder r
        WHERE r.unit_code = :unit_code AND r.person_id = new.person_id
          AND r.category_code = new.category_code AND r.due_on = new.due_on AND r.stage > new.stage)
    ORDER BY new.person_id, new.category_code, new.due_on, new.stage
    ON CONFLICT ON CONSTRAINT reminder_pkey DO NOTHING
    RETURNING person_id)
SELECT {clock} AS now WHERE EXISTS (SELECT FROM added)
"""


@cache
def add(clock: str) -> TextClause:
    """Each stage of a period once; an earlier stage that comes late is not told after a later one.

    Returns the business time if anything is new.
    """
    return sql(_ADD.format(clock=clock))


OF_DAY = sql("""
SELECT r.person_id, COALESCE(p.health_code_id, r.health_code_id, CAST(r.person_id AS text)) AS code,
       r.category_code, r.due_on, r.stage, r.due_state, r.as_of, p.contact
FROM notifier.reminder r
LEFT JOIN notifier.person p USING (person_id)
WHERE r.unit_code = :unit_code AND r.day = :day
ORDER BY r.stage, r.due_on, r.person_id, r.category_code
""")

NOTICE = sql("""
SELECT notice_id, subject_code, sealed FROM notifier.notice
WHERE kind = :kind AND dedupe_key = :dedupe_key FOR UPDATE
""")

LOOK_AGAIN = sql("""
INSERT INTO notifier.reminder_confirmation (unit_code, day, confirm_at)
VALUES (:unit_code, :day, clock_timestamp() + make_interval(secs => :confirm_seconds))
ON CONFLICT (unit_code, day) DO UPDATE SET confirm_at = excluded.confirm_at
""")

CONCERNING_PEOPLE = sql("""
SELECT DISTINCT unit_code, day FROM notifier.reminder
WHERE person_id = ANY(CAST(:person_ids AS uuid[])) AND day = :day ORDER BY unit_code, day
""")

TO_CONFIRM = sql(f"""
SELECT unit_code, day FROM notifier.reminder_confirmation
WHERE confirm_at <= clock_timestamp()
    AND {not_put_off(CONFIRM, "unit_code || ' ' || CAST(day AS text)", consumer="notifier")}
ORDER BY unit_code, day LIMIT 20 FOR UPDATE SKIP LOCKED
""")

CONFIRMED = sql("DELETE FROM notifier.reminder_confirmation WHERE unit_code = :unit_code AND day = :day")
