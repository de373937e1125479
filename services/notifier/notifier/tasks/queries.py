"""Statements over re-check and re-sample tasks."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

CONFIRM: Final = "confirm.tasks"

ADD = sql("""
INSERT INTO notifier.task AS t
    (kind, result_id, tube_code, site_code, unit_code, lab_code, person_ids, retained_tubes, due_at,
     confirm_at, last_confirm_at)
VALUES (:kind, :result_id, :tube_code, :site_code, :unit_code, :lab_code, CAST(:person_ids AS uuid[]),
        CAST(:retained_tubes AS text[]), :due_at,
        clock_timestamp() + make_interval(secs => LEAST(1, :confirm_seconds)),
        clock_timestamp() + make_interval(secs => :confirm_seconds))
ON CONFLICT (kind, result_id) DO UPDATE
SET person_ids = ARRAY(SELECT unnest(t.person_ids) UNION SELECT unnest(excluded.person_ids) ORDER BY 1),
    retained_tubes = ARRAY(
        SELECT unnest(t.retained_tubes) UNION SELECT unnest(excluded.retained_tubes) ORDER BY 1),
    confirm_at = excluded.confirm_at, last_confirm_at = excluded.last_confirm_at
WHERE NOT (excluded.person_ids <@ t.person_ids AND excluded.retained_tubes <@ t.retained_tubes)
""")

LOCK = sql("SELECT * FROM notifier.task WHERE kind = :kind AND result_id = :result_id FOR UPDATE")

# Apart from the lock: what its holder wrote meanwhile is seen by a statement of its own.
VERDICT = sql("SELECT verdict FROM notifier.alarm_review WHERE result_id = :result_id")

RECENT = """
SELECT kind, result_id FROM notifier.task t
WHERE t.raised_at > clock_timestamp() - make_interval(hours => :hours)
"""

CONCERNING_PEOPLE = sql(RECENT + "AND t.person_ids && CAST(:person_ids AS uuid[]) ORDER BY 1, 2")

CONCERNING_UNIT = sql(
    RECENT
    + """
AND (t.unit_code = :unit_code OR EXISTS (
    SELECT FROM notifier.person p WHERE p.person_id = ANY(t.person_ids) AND :unit_code = ANY(p.unit_codes)))
ORDER BY 1, 2
"""
)

CONCERNING_ALL = sql(RECENT + "ORDER BY 1, 2")

LOOK_AGAIN = sql("""
UPDATE notifier.task
SET confirm_at = clock_timestamp() + make_interval(secs => LEAST(1, :confirm_seconds)),
    last_confirm_at = clock_timestamp() + make_interval(secs => :confirm_seconds)
WHERE kind = :kind AND result_id = :result_id
""")

TO_CONFIRM = sql(f"""
SELECT kind, result_id FROM notifier.task
WHERE confirm_at <= clock_timestamp()
    AND {not_put_off(CONFIRM, "kind || ' ' || CAST(result_id AS text)", consumer="notifier")}
ORDER BY kind, result_id LIMIT 20 FOR UPDATE SKIP LOCKED
""")

CONFIRMED = sql("""
UPDATE notifier.task
SET confirm_at = CASE WHEN clock_timestamp() < last_confirm_at THEN last_confirm_at END
WHERE kind = :kind AND result_id = :result_id
""")
