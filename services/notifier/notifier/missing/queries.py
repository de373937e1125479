"""Statements of the chase."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

CHASE: Final = "reports"

# Of as many slots as one look settles, so that no hint is taken for nothing.
HINTED = sql("""
WITH taken AS (
    DELETE FROM notifier.report_hint
    WHERE slot_id IN (
        SELECT slot_id FROM notifier.report_hint GROUP BY slot_id ORDER BY min(hint_id) LIMIT 20)
    RETURNING slot_id)
SELECT DISTINCT slot_id FROM taken
""")

_SLOT: Final = """
    s.slot_id, s.form_code, s.day, s.slot, s.effective_from, s.cutoff_at, s.until_at, s.chase_at, s.told_at,
    f.title, f.days
FROM notifier.report_slot s
JOIN notifier.report_form f ON f.form_code = s.form_code AND f.effective_from = s.effective_from
"""

# Of what was filed for only those slots are looked at of which somebody was told.
TO_SETTLE = sql(f"""
SELECT {_SLOT}
WHERE (s.chase_at <= CAST(:now AS timestamptz)
       OR (s.told_at IS NOT NULL AND s.slot_id = ANY(CAST(:slot_ids AS uuid[]))))
    AND {not_put_off(CHASE, "CAST(s.slot_id AS text)", consumer="notifier")}
ORDER BY s.slot_id = ANY(CAST(:slot_ids AS uuid[])) DESC, s.cutoff_at LIMIT 40 FOR UPDATE OF s
""")

MISSING = sql("""
SELECT o.body_type, o.body_code, o.township_code, o.department_code,
    COALESCE(u.unit_name, d.department_name) AS body_name, d.role
FROM notifier.report_owed o
LEFT JOIN notifier.unit u ON o.body_type = 'unit' AND u.unit_code = o.body_code
LEFT JOIN notifier.department d ON o.body_type <> 'unit' AND d.code = o.body_code
WHERE o.slot_id = :slot_id AND o.version = 0
ORDER BY o.body_type, o.body_code
""")

SETTLED = sql("""
UPDATE notifier.report_slot
SET chase_at = :chase_at, told_at = COALESCE(told_at, CAST(:told_at AS timestamptz))
WHERE slot_id = :slot_id
""")
