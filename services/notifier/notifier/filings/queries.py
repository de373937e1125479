"""Statements over what is owed and what was filed."""

from typing import Final

from shared.db import sql

_AREA: Final = """
    (CAST(:township AS text) IS NULL OR o.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR o.department_code = :department)
"""
_NAMED: Final = """
    LEFT JOIN notifier.unit u ON o.body_type = 'unit' AND u.unit_code = o.body_code
    LEFT JOIN notifier.department d ON o.body_type <> 'unit' AND d.code = o.body_code
"""
_REPORT: Final = """
    o.owed_id, s.form_code, s.day, s.slot, s.cutoff_at, o.body_type, o.body_code, o.township_code,
    o.department_code, o.version, o.filed_at, o.late, o.zero, o.counts,
    COALESCE(u.unit_name, d.department_name) AS body_name
"""

# The slot's form, and when it opens; whether the body owes it is another question.
SLOT = sql("""
SELECT slot_id, effective_from, opens_at, cutoff_at FROM notifier.report_slot
WHERE form_code = :form_code AND day = :day AND slot = :slot
""")

FORM_KNOWN = sql("SELECT EXISTS (SELECT FROM notifier.report_form WHERE form_code = :form_code)")

SEES_BODY = sql("""
SELECT CASE CAST(:body_type AS text)
    WHEN 'unit' THEN EXISTS (
        SELECT FROM notifier.unit o WHERE o.unit_code = :body_code
          AND (CAST(:township AS text) IS NULL OR o.township_code = :township)
          AND (CAST(:department AS text) IS NULL OR o.department_code = :department))
    ELSE EXISTS (
        SELECT FROM notifier.department d WHERE d.code = :body_code AND d.level = :body_type
          AND (CAST(:township AS text) IS NULL OR d.code = :township)
          AND (CAST(:department AS text) IS NULL OR d.code = :department)) END
""")

LOCK_OWED = sql(f"""
SELECT o.owed_id, o.version, o.counts FROM notifier.report_owed o
WHERE o.slot_id = :slot_id AND o.body_type = :body_type AND o.body_code = :body_code AND {_AREA}
FOR UPDATE
""")

ADD_FILING = sql("""
INSERT INTO notifier.report_filing (filing_id, owed_id, version, counts, zero, client_id, filed_at, said)
VALUES (:filing_id, :owed_id, :version, CAST(:counts AS jsonb), :zero, :client_id, :now, :said)
""")

FILED = sql("""
UPDATE notifier.report_owed
SET version = :version, counts = CAST(:counts AS jsonb), zero = :zero,
    filed_at = COALESCE(filed_at, CAST(:now AS timestamptz)),
    late = COALESCE(late, CAST(:late AS boolean))
WHERE owed_id = :owed_id
""")

HINT = sql("INSERT INTO notifier.report_hint (slot_id) VALUES (:slot_id)")

ONE = sql(f"""
SELECT {_REPORT} FROM notifier.report_owed o JOIN notifier.report_slot s USING (slot_id) {_NAMED}
WHERE o.owed_id = :owed_id AND {_AREA}
""")

VERSIONS = sql("""
SELECT version, counts, zero, client_id, filed_at, said FROM notifier.report_filing
WHERE owed_id = :owed_id ORDER BY version
""")

PAGE = sql(f"""
SELECT {_REPORT} FROM notifier.report_owed o JOIN notifier.report_slot s USING (slot_id) {_NAMED}
WHERE o.owed_id > :after AND {_AREA}
  AND s.day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  AND (CAST(:form_code AS text) IS NULL OR s.form_code = :form_code)
  AND (CAST(:slot AS text) IS NULL OR s.slot = :slot)
  AND (CAST(:body_code AS text) IS NULL OR o.body_code = :body_code)
  AND CASE CAST(:state AS text)
        WHEN 'filed' THEN o.version > 0 WHEN 'zero' THEN o.zero WHEN 'late' THEN o.late
        WHEN 'missing' THEN o.version = 0 AND s.cutoff_at <= CAST(:now AS timestamptz)
        WHEN 'open' THEN o.version = 0 AND s.cutoff_at > CAST(:now AS timestamptz)
        ELSE true END
ORDER BY o.owed_id LIMIT :limit
""")

# Who owed something in the last days and filed none of it; a slot still open says nothing yet.
SILENT = sql(f"""
SELECT o.body_type, o.body_code, s.form_code, max(o.township_code) AS township_code,
    max(o.department_code) AS department_code, count(*) AS owed,
    max(COALESCE(u.unit_name, d.department_name)) AS body_name,
    (SELECT max(sb.day) FROM notifier.report_owed b JOIN notifier.report_slot sb USING (slot_id)
     WHERE b.body_type = o.body_type AND b.body_code = o.body_code AND sb.form_code = s.form_code
       AND b.version > 0) AS last_filed_for
FROM notifier.report_owed o JOIN notifier.report_slot s USING (slot_id) {_NAMED}
WHERE s.cutoff_at > CAST(:since AS timestamptz) AND s.cutoff_at <= CAST(:now AS timestamptz) AND {_AREA}
  AND (CAST(:form_code AS text) IS NULL OR s.form_code = :form_code)
  AND (o.body_code, s.form_code) > (:after_body, :after_form)
GROUP BY o.body_type, o.body_code, s.form_code
HAVING max(o.version) = 0
ORDER BY o.body_code, s.form_code LIMIT :limit
""")
