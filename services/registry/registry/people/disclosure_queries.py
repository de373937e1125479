"""Statements over registry.disclosure."""

from shared.db import sql

INSERT = sql("""
    INSERT INTO registry.disclosure (disclosure_id, person_id, client_id, fields, sealed_reason, at)
    VALUES (:disclosure_id, :person_id, :client_id, CAST(:fields AS text[]), :sealed_reason, :now)
""")
