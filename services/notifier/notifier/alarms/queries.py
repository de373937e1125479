"""Statements over alerts, the alarms behind them and the reviews of their results."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

CONFIRM: Final = "confirm.alerts"

# The row lock makes everybody who works on one subject take turns.
OPEN = sql("""
INSERT INTO notifier.alert AS a (alert_id, kind, subject_type, subject_key, subject_code, confirm_at,
    last_confirm_at)
VALUES (:alert_id, :kind, :subject_type, :subject_key, :subject_code,
        clock_timestamp() + make_interval(secs => LEAST(1, :confirm_seconds)),
        clock_timestamp() + make_interval(secs => :confirm_seconds))
ON CONFLICT (kind, subject_type, subject_key) WHERE NOT closed DO UPDATE
SET confirm_at = excluded.confirm_at, last_confirm_at = excluded.last_confirm_at
RETURNING alert_id
""")

LOOK_AGAIN = sql("""
UPDATE notifier.alert
SET confirm_at = clock_timestamp() + make_interval(secs => LEAST(1, :confirm_seconds)),
    last_confirm_at = clock_timestamp() + make_interval(secs => :confirm_seconds)
WHERE alert_id = :alert_id
""")

KNOWN = sql("SELECT alert_id FROM notifier.alarm WHERE alarm_id = :alarm_id")

ADD = sql("""
INSERT INTO notifier.alarm AS a
    (alarm_id, alert_id, result_id, outcome, person_ids, unit_code, lab_code, collected_at, tested_at,
     members, members_unknown, conflict)
VALUES (:alarm_id, :alert_id, :result_id, :outcome, CAST(:person_ids AS uuid[]), :unit_code, :lab_code,
        :collected_at, :tested_at, :members, :members_unknown, :conflict)
ON CONFLICT (alarm_id) DO UPDATE
SET person_ids = ARRAY(SELECT unnest(a.person_ids) UNION SELECT unnest(excluded.person_ids) ORDER BY 1),
    members = GREATEST(a.members, excluded.members),
    members_unknown = LEAST(a.members_unknown, excluded.members_unknown)
WHERE NOT excluded.person_ids <@ a.person_ids
""")

REVIEW = sql("""
INSERT INTO notifier.alarm_review AS r (result_id, revision, verdict, reviewed_at)
VALUES (:result_id, :revision, :verdict, :reviewed_at)
ON CONFLICT (result_id) DO UPDATE
SET revision = excluded.revision, verdict = excluded.verdict, reviewed_at = excluded.reviewed_at
WHERE r.revision < excluded.revision OR (r.revision = excluded.revision AND excluded.verdict = 'replaced')
RETURNING result_id
""")

OF_RESULT = sql("SELECT DISTINCT alert_id FROM notifier.alarm WHERE result_id = :result_id ORDER BY alert_id")

LOCK = sql("SELECT * FROM notifier.alert WHERE alert_id = :alert_id FOR UPDATE")

ALARMS = sql("""
SELECT a.*, r.verdict FROM notifier.alarm a LEFT JOIN notifier.alarm_review r USING (result_id)
WHERE a.alert_id = :alert_id ORDER BY a.alarm_id
""")

CLOSE = sql("UPDATE notifier.alert SET closed = true WHERE alert_id = :alert_id AND NOT closed")

RECENT = """
FROM notifier.alert t JOIN notifier.alarm a USING (alert_id)
WHERE t.raised_at > clock_timestamp() - make_interval(hours => :hours)
"""

CONCERNING_PEOPLE = sql(
    "SELECT DISTINCT t.alert_id" + RECENT + "AND a.person_ids && CAST(:person_ids AS uuid[]) ORDER BY 1"
)

CONCERNING_UNIT = sql(
    "SELECT DISTINCT t.alert_id"
    + RECENT
    + """
AND (a.unit_code = :unit_code OR EXISTS (
    SELECT FROM notifier.person p WHERE p.person_id = ANY(a.person_ids) AND :unit_code = ANY(p.unit_codes)))
ORDER BY 1
"""
)

CONCERNING_ALL = sql("SELECT DISTINCT t.alert_id" + RECENT + "ORDER BY 1")

TO_CONFIRM = sql(f"""
SELECT alert_id FROM notifier.alert
WHERE confirm_at <= clock_timestamp()
    AND {not_put_off(CONFIRM, "CAST(alert_id AS text)", consumer="notifier")}
ORDER BY alert_id LIMIT 20 FOR UPDATE SKIP LOCKED
""")

CONFIRMED = sql("""
UPDATE notifier.alert
SET confirm_at = CASE WHEN clock_timestamp() < last_confirm_at THEN last_confirm_at END
WHERE alert_id = :alert_id
""")
