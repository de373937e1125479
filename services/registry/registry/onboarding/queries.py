"""Statements over conformance reports."""

from typing import Final

from shared.db import sql

_COLUMNS: Final = (
    "report_id, client_id, script, run, at, passed, cases, received_at, released_by, released_at"
)

INSERT = sql("""
    INSERT INTO registry.conformance_report
        (report_id, client_id, script, run, at, passed, cases, received_at)
    SELECT :report_id, client_id, :script, :run, :at, :passed, CAST(:cases AS jsonb), :now
      FROM registry.client WHERE client_id = :client_id
    ON CONFLICT ON CONSTRAINT conformance_report_run DO NOTHING
""")

OF_RUN = sql(f"""
    SELECT {_COLUMNS}, cases = CAST(:cases AS jsonb) AS same FROM registry.conformance_report
     WHERE client_id = :client_id AND run = :run
""")

ONE = sql(f"""
    SELECT {_COLUMNS} FROM registry.conformance_report
     WHERE client_id = :client_id AND report_id = :report_id
""")

LIST = sql(f"""
    SELECT {_COLUMNS} FROM registry.conformance_report
     WHERE (CAST(:client_id AS text) IS NULL OR client_id = :client_id) AND report_id < :before
     ORDER BY report_id DESC LIMIT :limit
""")

RELEASED_ON = sql("""
    UPDATE registry.conformance_report SET released_by = :released_by, released_at = :now
     WHERE report_id = :report_id
""")

# From now on the client signs: the secret went through other hands while it could do nothing.
RELEASE = sql("""
    UPDATE registry.client
       SET scopes = ARRAY['results:write'], secret_refused = true, updated_by = :changed_by, updated_at = :now
     WHERE client_id = :client_id
""")
