"""Statements over versions of texts. Versions are added, never changed."""

from shared.db import sql

SERIALISE = sql("SELECT pg_advisory_xact_lock(hashtext('notifier.template_version'))")

# Of each key the version in force on a day: the latest beginning, then the latest version. With `approval`
# only of those that a second person has approved.
IN_FORCE = sql("""
SELECT DISTINCT ON (template_key) template_key, version, effective_from, zh, en
FROM notifier.template_version
WHERE template_key = ANY(CAST(:keys AS text[])) AND effective_from <= CAST(:today AS date)
  AND (approved_at IS NOT NULL OR NOT CAST(:approval AS boolean))
ORDER BY template_key, effective_from DESC, version DESC
""")

EXACTLY = sql("""
SELECT template_key, version, effective_from, zh, en FROM notifier.template_version
WHERE template_key = :key AND version = :version
""")

VERSIONS = sql("""
SELECT version, effective_from, zh, en, client_id, step, saved_at, approved_client, approval, approved_at
FROM notifier.template_version WHERE template_key = :key ORDER BY version DESC
""")

INSERT = sql("""
INSERT INTO notifier.template_version
    (template_key, version, effective_from, zh, en, client_id, step, saved_at)
VALUES (:key, :version, :effective_from, :zh, :en, :client_id, :step, :now)
""")

APPROVE = sql("""
UPDATE notifier.template_version SET approved_client = :client_id, approval = :approval, approved_at = :now
WHERE template_key = :key AND version = :version
""")

COUNTS = sql("""
SELECT template_key, count(*) AS versions FROM notifier.template_version
WHERE template_key = ANY(CAST(:keys AS text[])) GROUP BY template_key
""")
