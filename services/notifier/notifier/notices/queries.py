"""Statements over notices and the deliveries they queue."""

from shared.db import sql

# The notices that are new, each with a first delivery by every way of its route. What is the same for many
# is said once, under a number. A way is a row of channels, of which the first is tried and the others follow.
ISSUE = sql("""
WITH made AS (
    INSERT INTO notifier.notice
        (notice_id, kind, dedupe_key, source_id, recipient_type, recipient_code, placeholder,
         subject_type, subject_code, person_id, urgent, as_of, issued_at, ack_due_at, repeat_at, sealed,
         owner, number, level)
    SELECT notice_id, kind, dedupe_key, source_id, recipient_type, recipient_code, placeholder,
           subject_type, subject_code, person_id, urgent, as_of, CAST(:now AS timestamptz),
           ack_due_at, CASE WHEN urgent OR kind = ANY(CAST(:chased AS text[])) THEN ack_due_at END, sealed,
           owner, number, level
    FROM unnest(
        CAST(:notice_ids AS uuid[]), CAST(:dedupe_keys AS text[]), CAST(:recipient_codes AS text[]),
        CAST(:person_ids AS uuid[]), CAST(:saying AS integer[]))
        AS new (notice_id, dedupe_key, recipient_code, person_id, saying)
    JOIN unnest(
        CAST(:kinds AS text[]), CAST(:source_ids AS uuid[]), CAST(:recipient_types AS text[]),
        CAST(:placeholders AS boolean[]), CAST(:subject_types AS text[]), CAST(:subject_codes AS text[]),
        CAST(:urgents AS boolean[]), CAST(:as_ofs AS timestamptz[]), CAST(:ack_due_ats AS timestamptz[]),
        CAST(:sealeds AS bytea[]), CAST(:owners AS bytea[]), CAST(:numbers AS text[]),
        CAST(:levels AS text[])) WITH ORDINALITY
        AS said (kind, source_id, recipient_type, placeholder, subject_type, subject_code, urgent, as_of,
                 ack_due_at, sealed, owner, number, level, saying) USING (saying)
    ORDER BY kind, dedupe_key
    ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
    RETURNING notice_id, kind, urgent, recipient_type),
queued AS (
    INSERT INTO notifier.delivery
        (delivery_id, notice_id, sequence, channel, next_channels, urgent, reason, not_before)
    SELECT (CAST(:delivery_ids AS uuid[]))[row_number() OVER ()], made.notice_id, 0,
           way.channels[1], way.channels[2:], made.urgent, 'issue', way.not_before
    FROM made JOIN (
        SELECT recipient_type, kind, urgent, string_to_array(channels, ' ') AS channels, not_before
        FROM unnest(CAST(:way_types AS text[]), CAST(:way_kinds AS text[]), CAST(:way_urgents AS boolean[]),
                    CAST(:way_channels AS text[]), CAST(:way_befores AS timestamptz[]))
             AS each (recipient_type, kind, urgent, channels, not_before)
    ) AS way USING (recipient_type, kind, urgent))
SELECT notice_id FROM made
""")

# One more delivery of the same notice, by the first channel of its row; the next number of its kind.
QUEUE = sql("""
INSERT INTO notifier.delivery
    (delivery_id, notice_id, sequence, channel, next_channels, urgent, reason, not_before)
SELECT new.delivery_id, new.notice_id,
       1 + COALESCE(
           (SELECT max(sequence) FROM notifier.delivery d WHERE d.notice_id = new.notice_id), -1),
       new.channels[1], new.channels[2:], new.urgent, CAST(:reason AS text), new.not_before
FROM (SELECT delivery_id, notice_id, string_to_array(channels, ' ') AS channels, urgent, not_before
      FROM unnest(CAST(:delivery_ids AS uuid[]), CAST(:notice_ids AS uuid[]), CAST(:channels AS text[]),
                  CAST(:urgents AS boolean[]), CAST(:not_befores AS timestamptz[]))
           AS each (delivery_id, notice_id, channels, urgent, not_before)) AS new
""")

DROP_QUEUED = sql("""
UPDATE notifier.delivery SET state = 'dropped'
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) AND state IN ('queued', 'unknown', 'held')
    AND reason <> 'digest'
""")

OF_SOURCE = sql("""
SELECT notice_id, recipient_type, recipient_code, placeholder, subject_code, urgent, kind, status,
       revoked_client, sealed
FROM notifier.notice WHERE source_id = :source_id ORDER BY notice_id FOR UPDATE
""")

READDRESS = sql("""
UPDATE notifier.notice SET recipient_code = :recipient_code, placeholder = false, dedupe_key = :dedupe_key
WHERE notice_id = :notice_id
""")

REWRITE = sql("""
UPDATE notifier.notice SET sealed = :sealed, as_of = :as_of, subject_code = :subject_code
WHERE notice_id = :notice_id
""")

REWORD = sql("UPDATE notifier.notice SET sealed = :sealed WHERE notice_id = :notice_id")

REVOKE = sql("""
UPDATE notifier.notice
SET status = 'revoked', revoked_at = :now, revoked_client = :client_id, revocation = :revocation,
    repeat_at = NULL
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) AND status <> 'revoked'
RETURNING notice_id
""")

REOPEN = sql("""
UPDATE notifier.notice
SET status = CASE WHEN acknowledged_at IS NULL THEN 'queued' ELSE 'acknowledged' END,
    revoked_at = NULL, revoked_client = NULL, revocation = NULL,
    repeat_at = CASE WHEN acknowledged_at IS NULL THEN CAST(:repeat_at AS timestamptz) END
WHERE notice_id = ANY(CAST(:notice_ids AS uuid[])) AND status = 'revoked' AND revoked_client IS NULL
""")

QUIET = sql("""
UPDATE notifier.notice SET repeat_at = NULL WHERE notice_id = ANY(CAST(:notice_ids AS uuid[]))
""")

ACKNOWLEDGE = sql("""
UPDATE notifier.notice
SET status = 'acknowledged', acknowledged_at = :now, acknowledged_client = :client_id,
    acknowledgement = :acknowledgement, repeat_at = NULL
WHERE notice_id = :notice_id
""")

# What a caller may see of notices `n` with their person `p` and, as recipient, unit `ru`.
AREA = """(CAST(:township AS text) IS NULL
       OR (n.recipient_type = 'township' AND n.recipient_code = :township)
       OR ru.township_code = :township
       OR (n.recipient_type = 'site' AND EXISTS (
            SELECT FROM notifier.address s WHERE s.body_type = 'site' AND s.code = n.recipient_code
              AND s.township_code = :township))
       OR (n.recipient_type = 'person' AND EXISTS (
            SELECT FROM notifier.unit u WHERE u.unit_code = ANY(p.unit_codes)
              AND u.township_code = :township)))
  AND (CAST(:department AS text) IS NULL
       OR (n.recipient_type IN ('department', 'cdc', 'district') AND n.recipient_code = :department)
       OR ru.department_code = :department
       OR (n.recipient_type = 'person' AND EXISTS (
            SELECT FROM notifier.unit u WHERE u.unit_code = ANY(p.unit_codes)
              AND u.department_code = :department)))
  AND (CAST(:kinds AS text[]) IS NULL OR n.kind = ANY(CAST(:kinds AS text[])))
  AND (NOT CAST(:cdc_only AS boolean) OR n.recipient_type = 'cdc')
"""

VISIBLE = f"""
SELECT n.notice_id, n.kind, n.number, n.level, n.recipient_type, n.recipient_code, n.subject_type,
       n.subject_code, n.as_of, n.issued_at, n.status, n.ack_due_at, n.sealed, n.urgent, n.owner,
       p.contact AS person_contact, ru.unit_name AS recipient_unit,
       rd.department_name AS recipient_department, ra.name AS recipient_address,
       su.unit_name AS subject_unit
FROM notifier.notice n
LEFT JOIN notifier.person p ON p.person_id = n.person_id
LEFT JOIN notifier.unit ru ON n.recipient_type = 'unit' AND ru.unit_code = n.recipient_code
LEFT JOIN notifier.department rd
    ON n.recipient_type IN ('department', 'township', 'district', 'cdc') AND rd.code = n.recipient_code
LEFT JOIN notifier.address ra ON ra.body_type = n.recipient_type AND ra.code = n.recipient_code
LEFT JOIN notifier.unit su ON n.subject_type = 'unit' AND su.unit_code = n.subject_code
WHERE {AREA}
"""

LIST = sql(
    VISIBLE
    + """
  AND (CAST(:kind AS text) IS NULL OR n.kind = :kind)
  AND (CAST(:recipient_type AS text) IS NULL OR n.recipient_type = :recipient_type)
  AND (CAST(:recipient_code AS text) IS NULL OR n.recipient_code = :recipient_code)
  AND (CAST(:subject_code AS text) IS NULL OR n.subject_code = :subject_code)
  AND (CAST(:status AS text) IS NULL OR n.status = :status)
  AND n.notice_id < CAST(:before AS uuid)
ORDER BY n.notice_id DESC
LIMIT :limit
"""
)

# In one order, so that two who look at once do not wait for each other in a circle.
SEEN = sql("""
INSERT INTO notifier.notice_seen (notice_id, client_id, first_at)
SELECT notice_id, :client_id, CAST(:now AS timestamptz)
FROM unnest(CAST(:notice_ids AS uuid[])) AS shown (notice_id) ORDER BY notice_id
ON CONFLICT ON CONSTRAINT notice_seen_pkey DO NOTHING
""")

SHOWN = sql(VISIBLE + " AND n.notice_id = :notice_id")

SOME = sql(VISIBLE + " AND n.notice_id = ANY(CAST(:notice_ids AS uuid[])) ORDER BY n.notice_id")

ONE = sql(VISIBLE + " AND n.notice_id = :notice_id FOR UPDATE OF n")
