"""Statements over registry.disclosure."""

from shared.db import sql

INSERT = sql("""
    INSERT INTO registry.disclosure (disclosure_id, person_id, client_id, fields, sealed_reason, at)
    VALUES (:disclosure_id, :person_id, :client_id, CAST(:fields AS text[]), :sealed_reason, :now)
""")

INSERT_MANY = sql("""
    INSERT INTO registry.disclosure (disclosure_id, person_id, client_id, fields, sealed_reason, at)
    SELECT r.disclosure_id, r.person_id, :client_id, CAST(:fields AS text[]), r.sealed_reason,
        CAST(:now AS timestamptz)
    FROM unnest(CAST(:disclosure_ids AS uuid[]), CAST(:person_ids AS uuid[]),
        CAST(:sealed_reasons AS bytea[])) AS r (disclosure_id, person_id, sealed_reason)
""")
