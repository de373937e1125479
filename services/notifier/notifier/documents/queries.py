"""Statements over documents: what came out, and who had names put in."""

from shared.db import sql

KNOWN = sql("""
SELECT sha256 FROM notifier.notice_document WHERE notice_id = :notice_id AND format = :format
""")

KEEP = sql("""
INSERT INTO notifier.notice_document (notice_id, format, sha256, first_at, client_id)
VALUES (:notice_id, :format, :sha256, :now, :client_id)
ON CONFLICT ON CONSTRAINT notice_document_pkey DO NOTHING
""")

# Under the caller's limits: row security shows nobody of another area.
CONTACTS = sql("""
SELECT person_id, health_code_id, contact FROM notifier.person
WHERE health_code_id = ANY(CAST(:codes AS text[])) OR CAST(person_id AS text) = ANY(CAST(:codes AS text[]))
""")

DISCLOSE = sql("""
INSERT INTO notifier.document_disclosure
    (disclosure_id, notice_id, format, people, client_id, reason, disclosed_at)
VALUES (:disclosure_id, :notice_id, :format, :people, :client_id, :reason, :now)
""")
