"""Statements over cases, the breaches in them, what is owed, and the steps."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

CHASES: Final = "ladder.chases"

# Whoever works on a unit's ladder takes turns, also before there is a case or a unit to lock.
TURN = sql(
    "SELECT pg_advisory_xact_lock(hashtextextended('notifier.ladder ' || CAST(:unit_code AS text), 0))"
)

KNOWN = sql("""
SELECT 1 FROM notifier.ladder_breach
WHERE breach_id = :breach_id OR (unit_code = :unit_code AND week = :week)
""")

KEEP = sql("""
INSERT INTO notifier.ladder_breach
    (breach_id, case_id, run, seq, unit_code, week, judged_on, outcome, kinds, people_total, shares,
     department_code, township_code, year, n, number, level, issued_at)
VALUES (:breach_id, :case_id, :run, :seq, :unit_code, :week, :judged_on, :outcome, CAST(:kinds AS text[]),
        :people_total, :shares, :department_code, :township_code, :year, :n, :number, :level, :issued_at)
""")

OPEN_CASE = sql("""
INSERT INTO notifier.ladder_case (case_id, unit_code, department_code, stage, opened_at)
VALUES (:case_id, :unit_code, :department_code, 'open', :now)
ON CONFLICT (unit_code, department_code) WHERE NOT superseded DO NOTHING
""")

CASE_OF = sql("""
SELECT * FROM notifier.ladder_case
WHERE unit_code IS NOT DISTINCT FROM CAST(:unit_code AS text)
  AND department_code IS NOT DISTINCT FROM CAST(:department_code AS text) AND NOT superseded
FOR NO KEY UPDATE
""")

# Not FOR UPDATE: whoever chases holds a task and adds a step, which needs the key of its case.
LOCK = sql("SELECT * FROM notifier.ladder_case WHERE case_id = :case_id FOR NO KEY UPDATE")

CASE_BY_ID = sql("SELECT * FROM notifier.ladder_case WHERE case_id = :case_id")

START_AGAIN = sql("""
UPDATE notifier.ladder_case
SET run = run + 1, opened_at = :now, stage = 'open', closed_at = NULL, rectified_at = NULL,
    rectified_client = NULL
WHERE case_id = :case_id
""")

IN_BREACH_AGAIN = sql("""
UPDATE notifier.ladder_case
SET closed_at = NULL, rectified_at = NULL, rectified_client = NULL,
    stage = CASE stage WHEN 'closed' THEN 'open' ELSE stage END
WHERE case_id = :case_id
""")

STAGE = sql("UPDATE notifier.ladder_case SET stage = :stage WHERE case_id = :case_id")

RECTIFY = sql("""
UPDATE notifier.ladder_case SET rectified_at = :at, rectified_client = :client_id WHERE case_id = :case_id
""")

CLOSE = sql("UPDATE notifier.ladder_case SET closed_at = :now, stage = 'closed' WHERE case_id = :case_id")

# The row lock of a department's year makes its numbers gapless: what is rolled back gives its number back.
NEXT_NUMBER = sql("""
INSERT INTO notifier.bulletin_counter AS c (department_code, year, last) VALUES (:department_code, :year, 1)
ON CONFLICT (department_code, year) DO UPDATE SET last = c.last + 1
RETURNING last
""")

BULLETINS = sql("""
SELECT b.* FROM notifier.ladder_breach b
WHERE b.case_id = :case_id AND b.run = :run AND b.outcome = 'bulletin' ORDER BY b.seq
""")

LAST_SEQ = sql("SELECT coalesce(max(seq), 0) FROM notifier.ladder_breach WHERE case_id = :case_id")

WEEKS = sql("SELECT week FROM notifier.ladder_breach WHERE unit_code = :unit_code AND outcome <> 'early'")

OF_BREACH = sql("SELECT * FROM notifier.ladder_breach WHERE breach_id = :breach_id")

REVOKED = sql("""
UPDATE notifier.ladder_breach SET revoked_at = :now WHERE breach_id = :breach_id AND revoked_at IS NULL
RETURNING number
""")

TASKS = sql("""
SELECT t.* FROM notifier.ladder_task t JOIN notifier.ladder_breach b USING (breach_id)
WHERE b.case_id = :case_id AND b.run = :run ORDER BY b.seq, t.owed_at FOR UPDATE OF t
""")

OWE = sql("""
INSERT INTO notifier.ladder_task (breach_id, kind, state, owed_at, due_on, chase_on)
VALUES (:breach_id, :kind, :state, :now, :due_on, :chase_on)
""")

END_TASK = sql("""
UPDATE notifier.ladder_task SET state = :state, chase_on = NULL
WHERE breach_id = :breach_id AND kind = :kind AND state = 'open'
""")

PROLONG = sql("""
UPDATE notifier.ladder_task SET due_on = :due_on, extended = true, chased = 0, chase_on = :chase_on
WHERE breach_id = :breach_id AND kind = :kind AND state = 'open'
""")

TO_CHASE = sql(f"""
SELECT t.breach_id, t.kind, t.due_on, t.chased, t.escalated, b.unit_code, b.number, b.case_id
FROM notifier.ladder_task t JOIN notifier.ladder_breach b USING (breach_id)
WHERE t.state = 'open' AND t.chase_on <= :today
    AND {not_put_off(CHASES, "CAST(t.breach_id AS text) || ' ' || t.kind", consumer="notifier")}
ORDER BY t.chase_on, t.breach_id LIMIT 100
FOR UPDATE OF t SKIP LOCKED
""")

CHASED = sql("""
UPDATE notifier.ladder_task SET chased = :chased, chase_on = :chase_on, escalated = :escalated
WHERE breach_id = :breach_id AND kind = :kind
""")

# Acknowledged and not answered by its day: it counts as unread again.
REOPEN_NOTICE = sql("""
UPDATE notifier.notice SET status = 'queued', repeat_at = NULL
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) AND status = 'acknowledged'
RETURNING notice_id
""")

STEP = sql("""
INSERT INTO notifier.ladder_step
    (case_id, run, kind, client_id, at, recorded_at, after_seq, basis, sealed)
VALUES (:case_id, :run, :kind, :client_id, :at, :now, :after_seq, CAST(:basis AS jsonb), :sealed)
""")

STEPS_OF_KIND = sql("""
SELECT * FROM notifier.ladder_step
WHERE case_id = :case_id AND run = :run AND kind = :kind ORDER BY step_id
""")

TO_MOVE = sql("""
SELECT * FROM notifier.ladder_case
WHERE unit_code = :unit_code AND stage <> 'closed' AND NOT superseded
  AND department_code IS DISTINCT FROM CAST(:department_code AS text)
ORDER BY case_id FOR NO KEY UPDATE
""")

SUPERSEDE = sql("""
UPDATE notifier.ladder_case SET superseded = true
WHERE unit_code = :unit_code AND department_code IS NOT DISTINCT FROM CAST(:department_code AS text)
  AND stage = 'closed' AND NOT superseded
""")

MOVE = sql("""
UPDATE notifier.ladder_case c SET department_code = :department_code
WHERE c.case_id = :case_id AND NOT EXISTS (
    SELECT FROM notifier.ladder_case o
    WHERE o.unit_code = :unit_code AND o.department_code IS NOT DISTINCT FROM CAST(:department_code AS text)
      AND NOT o.superseded)
RETURNING *
""")

# Bulletins, tasks and reports that stand at a placeholder: their body has become known.
WAITING = sql("""
SELECT DISTINCT b.unit_code, b.case_id FROM notifier.notice n
JOIN notifier.ladder_breach b ON b.breach_id = n.source_id
WHERE n.placeholder AND n.status <> 'revoked' AND b.case_id IS NOT NULL
ORDER BY b.unit_code, b.case_id
""")

DEPARTMENT = sql("SELECT department_name, contact FROM notifier.department WHERE code = :code")

UNIT_NAME = sql("SELECT unit_name FROM notifier.unit WHERE unit_code = :unit_code")

OF_NOTICE = sql("""
SELECT b.* FROM notifier.notice n JOIN notifier.ladder_breach b ON b.breach_id = n.source_id
WHERE n.notice_id = :notice_id AND n.kind = 'bulletin.unit'
""")

ASK_EXTENSION = sql("""
INSERT INTO notifier.ladder_extension
    (extension_id, case_id, breach_id, kind, due_on, asked_client, asked_at, request)
VALUES (:extension_id, :case_id, :breach_id, :kind, :due_on, :client_id, :now, :request)
""")

EXTENSIONS = sql("""
SELECT * FROM notifier.ladder_extension WHERE case_id = :case_id ORDER BY extension_id
""")

EXTENSION = sql("""
SELECT * FROM notifier.ladder_extension
WHERE extension_id = :extension_id AND case_id = :case_id FOR UPDATE
""")

DECIDE_EXTENSION = sql("""
UPDATE notifier.ladder_extension
SET state = :verdict, decided_client = :client_id, decided_at = :now, decision = :decision
WHERE extension_id = :extension_id
""")

# An area's own: a department's cases, and a township's units'.
_SEEN = """
    (CAST(:department AS text) IS NULL OR c.department_code = :department)
    AND (CAST(:township AS text) IS NULL OR EXISTS (
        SELECT FROM notifier.unit u WHERE u.unit_code = c.unit_code AND u.township_code = :township))
"""

_CASES = f"""
SELECT c.*, u.unit_name, d.department_name,
    (SELECT count(*) FROM notifier.ladder_breach b
     WHERE b.case_id = c.case_id AND b.run = c.run AND b.outcome = 'bulletin'
       AND b.revoked_at IS NULL) AS count,
    (SELECT count(*) FROM notifier.ladder_breach b JOIN notifier.ladder_case o
         ON o.case_id = b.case_id AND o.run = b.run
     WHERE o.department_code IS NOT DISTINCT FROM c.department_code AND NOT o.superseded
       AND b.outcome = 'bulletin' AND b.revoked_at IS NULL) AS department_total
FROM notifier.ladder_case c
LEFT JOIN notifier.unit u ON u.unit_code = c.unit_code
LEFT JOIN notifier.department d ON d.code = c.department_code
WHERE {_SEEN}
"""

LIST = sql(
    _CASES
    + """
  AND (CAST(:unit_code AS text) IS NULL OR c.unit_code = :unit_code OR EXISTS (
        SELECT FROM notifier.ladder_breach b WHERE b.case_id = c.case_id AND b.unit_code = :unit_code))
  AND (CAST(:department_code AS text) IS NULL OR c.department_code = :department_code)
  AND (CAST(:stage AS text) IS NULL OR c.stage = :stage)
  AND c.case_id < CAST(:before AS uuid)
ORDER BY c.case_id DESC LIMIT :limit
"""
)

ONE = sql(_CASES + " AND c.case_id = :case_id")

NOTICES_OF = sql("""
SELECT b.case_id, n.notice_id, n.kind, n.number, n.level, n.recipient_type, n.recipient_code, n.as_of,
       n.issued_at, n.status, n.acknowledged_at
FROM notifier.ladder_breach b JOIN notifier.notice n ON n.source_id = b.breach_id
WHERE b.case_id = ANY(CAST(:case_ids AS uuid[])) ORDER BY n.notice_id
""")

STEPS_OF = sql("""
SELECT * FROM notifier.ladder_step WHERE case_id = ANY(CAST(:case_ids AS uuid[])) ORDER BY step_id
""")

OWED_OF = sql("""
SELECT b.case_id, t.kind, b.number, t.due_on, t.extended
FROM notifier.ladder_task t JOIN notifier.ladder_breach b USING (breach_id)
WHERE b.case_id = ANY(CAST(:case_ids AS uuid[])) AND t.state = 'open' AND t.due_on IS NOT NULL
ORDER BY t.due_on, b.seq
""")

EXTENSIONS_OF = sql("""
SELECT * FROM notifier.ladder_extension
WHERE case_id = ANY(CAST(:case_ids AS uuid[])) ORDER BY extension_id
""")
