"""Statements of the audit trail."""

from shared.db import sql

INSERT = sql("""
    INSERT INTO registry.audit (at, client_id, action, person_id, subject, purpose, rows)
    VALUES (:at, :client_id, :action, :person_id, :subject, :purpose, :rows)
""")
