"""Statements over what was owed on days, and over signed summaries."""

from typing import Final

from shared.db import sql

_SIGNED: Final = """summary_id, form_code, day, township_code, department_code, version, figures, client_id,
    signed_at, said"""

# In the order of their slots, so that of a body the newest comes last.
OWED = sql("""
SELECT s.day, s.slot, s.effective_from, s.cutoff_at, o.body_type, o.body_code, o.version, o.late, o.zero,
    o.counts, COALESCE(u.unit_name, d.department_name) AS body_name
FROM notifier.report_owed o
JOIN notifier.report_slot s USING (slot_id)
LEFT JOIN notifier.unit u ON o.body_type = 'unit' AND u.unit_code = o.body_code
LEFT JOIN notifier.department d ON o.body_type <> 'unit' AND d.code = o.body_code
WHERE s.form_code = :form_code AND s.day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  AND (CAST(:township AS text) IS NULL OR o.township_code = :township)
  AND (CAST(:department AS text) IS NULL OR o.department_code = :department)
ORDER BY s.day, s.cutoff_at, o.body_type, o.body_code
""")

NEWEST = sql(f"""
SELECT DISTINCT ON (day) {_SIGNED} FROM notifier.report_summary
WHERE form_code = :form_code AND day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  AND township_code IS NOT DISTINCT FROM CAST(:township AS text)
  AND department_code IS NOT DISTINCT FROM CAST(:department AS text)
ORDER BY day, version DESC
""")

SIGN = sql(f"""
INSERT INTO notifier.report_summary
    (summary_id, form_code, day, township_code, department_code, version, figures, client_id, signed_at, said)
VALUES (:summary_id, :form_code, :day, :township, :department, :version, CAST(:figures AS jsonb), :client_id,
        :now, :said)
ON CONFLICT ON CONSTRAINT report_summary_once DO NOTHING
RETURNING {_SIGNED}
""")

ONE = sql(f"""
SELECT {_SIGNED} FROM notifier.report_summary
WHERE summary_id = :summary_id
  AND (CAST(:township AS text) IS NULL OR township_code = :township)
  AND (CAST(:department AS text) IS NULL OR department_code = :department)
""")
