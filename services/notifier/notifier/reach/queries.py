"""Statements over recipients without an address.

A recipient counts whose newest message found no address by any of its channels; as soon as one is handed
over they are off the list. `notices.queries.AREA` says what the caller may see.
"""

from notifier.notices.queries import AREA
from shared.db import sql

UNREACHABLE = sql(f"""
SELECT n.recipient_type, n.recipient_code, ru.unit_name, rd.department_name, ra.name AS address_name,
       count(DISTINCT n.notice_id) AS notices, min(d.created_at) AS since, max(d.created_at) AS last_at,
       bool_or(n.urgent) AS urgent, array_agg(DISTINCT d.error) AS errors
FROM notifier.delivery d
JOIN notifier.notice n USING (notice_id)
LEFT JOIN notifier.person p ON p.person_id = n.person_id
LEFT JOIN notifier.unit ru ON n.recipient_type = 'unit' AND ru.unit_code = n.recipient_code
LEFT JOIN notifier.department rd
    ON n.recipient_type IN ('department', 'township', 'district', 'cdc') AND rd.code = n.recipient_code
LEFT JOIN notifier.address ra ON ra.body_type = n.recipient_type AND ra.code = n.recipient_code
WHERE {AREA}
  AND d.state = 'failed' AND d.error = ANY(CAST(:errors AS text[]))
  AND d.created_at >= clock_timestamp() - make_interval(days => :days)
  AND NOT EXISTS (
    SELECT FROM notifier.notice o JOIN notifier.delivery later USING (notice_id)
    WHERE o.recipient_type = n.recipient_type AND o.recipient_code = n.recipient_code
      AND later.state IN ('queued', 'sending', 'unknown', 'sent', 'delivered', 'held')
      AND later.created_at >= d.created_at)
  AND (n.recipient_type, n.recipient_code) > (CAST(:after_type AS text), CAST(:after_code AS text))
GROUP BY n.recipient_type, n.recipient_code, ru.unit_name, rd.department_name, ra.name
ORDER BY n.recipient_type, n.recipient_code
LIMIT :limit
""")
