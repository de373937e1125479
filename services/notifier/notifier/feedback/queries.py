"""Statements over answers; what a notice's recipient is decides who sees it."""

from typing import Final

from shared.db import sql

# What needs an answer: of these kinds, to a body, to be acknowledged, not taken back.
ASKED: Final = """
    n.kind = ANY(CAST(:kinds AS text[])) AND n.recipient_type = ANY(CAST(:recipients AS text[]))
    AND n.ack_due_at IS NOT NULL AND n.status <> 'revoked'
    AND n.subject_type <> ALL(CAST(:apart AS text[]))
"""
_ITEMS: Final = f"""
SELECT n.notice_id, n.kind, n.recipient_type, n.recipient_code, n.subject_type, n.subject_code, n.issued_at,
       n.status, n.sealed, f.answered_client, COALESCE(f.state, 'open') AS state,
       COALESCE(f.opened_at, n.issued_at) AS opened_at,
       d.department_name AS recipient_name, u.unit_name AS subject_name
FROM notifier.notice n
LEFT JOIN notifier.feedback f ON f.notice_id = n.notice_id
LEFT JOIN notifier.department d ON d.code = n.recipient_code
LEFT JOIN notifier.unit u ON n.subject_type = 'unit' AND u.unit_code = n.subject_code
WHERE {ASKED}
  AND (CAST(:township AS text) IS NULL OR (n.recipient_type = 'township' AND n.recipient_code = :township))
  AND (CAST(:department AS text) IS NULL
       OR (n.recipient_type <> 'township' AND n.recipient_code = :department))
"""

LIST = sql(
    _ITEMS
    + """
  AND (CAST(:state AS text) IS NULL OR COALESCE(f.state, 'open') = :state)
  AND (CAST(:body_code AS text) IS NULL OR n.recipient_code = :body_code)
  AND (CAST(:opened_before AS timestamptz) IS NULL
       OR COALESCE(f.opened_at, n.issued_at) <= CAST(:opened_before AS timestamptz))
  AND n.notice_id < CAST(:before AS uuid)
ORDER BY n.notice_id DESC
LIMIT :limit
"""
)

ONE = sql(_ITEMS + " AND n.notice_id = :notice_id")

LOCK = sql(_ITEMS + " AND n.notice_id = :notice_id FOR UPDATE OF n")

STEPS = sql("""
SELECT number, kind, client_id, at, sealed FROM notifier.feedback_step
WHERE notice_id = :notice_id ORDER BY number
""")

LAST_STEP = sql("""
SELECT kind, client_id, sealed FROM notifier.feedback_step
WHERE notice_id = :notice_id ORDER BY number DESC LIMIT 1
""")

STAND = sql("""
INSERT INTO notifier.feedback AS f (notice_id, state, opened_at, answered_client, steps)
VALUES (:notice_id, :state, :opened_at, :answered_client, 1)
ON CONFLICT (notice_id) DO UPDATE
SET state = excluded.state, opened_at = excluded.opened_at, answered_client = excluded.answered_client,
    steps = f.steps + 1
RETURNING steps
""")

ADD_STEP = sql("""
INSERT INTO notifier.feedback_step (notice_id, number, kind, client_id, at, sealed)
VALUES (:notice_id, :number, :kind, :client_id, :now, :sealed)
""")
