"""Statements over registry.exemption and its history."""

from shared.db import sql

_COLUMNS = "exemption_id, person_id, kind, from_on, to_on, sealed_reason"

OF_PERSON = sql(f"""
    SELECT {_COLUMNS} FROM registry.exemption
    WHERE person_id = :person_id
    ORDER BY from_on, exemption_id
""")

BY_ID = sql(f"""
    SELECT {_COLUMNS} FROM registry.exemption
    WHERE exemption_id = :exemption_id AND person_id = :person_id
""")

SAME = sql(f"""
    SELECT {_COLUMNS} FROM registry.exemption
    WHERE person_id = :person_id AND kind = :kind AND from_on = :from_on AND to_on = :to_on
    LIMIT 1
""")

INSERT = sql(f"""
    INSERT INTO registry.exemption
        (exemption_id, person_id, kind, from_on, to_on, sealed_reason, created_by, created_at, updated_at)
    VALUES (:exemption_id, :person_id, :kind, :from_on, :to_on, :sealed_reason, :created_by, :now, :now)
    RETURNING {_COLUMNS}
""")

UPDATE = sql(f"""
    UPDATE registry.exemption
    SET from_on = :from_on, to_on = :to_on, sealed_reason = :sealed_reason, updated_at = :now
    WHERE exemption_id = :exemption_id
    RETURNING {_COLUMNS}
""")

DELETE = sql("DELETE FROM registry.exemption WHERE exemption_id = :exemption_id")

KEEP = sql("""
    INSERT INTO registry.exemption_history
        (exemption_id, person_id, kind, from_on, to_on, sealed_reason, change, changed_by, changed_at,
         created_at, created_by)
    SELECT exemption_id, person_id, kind, from_on, to_on, sealed_reason, :change, :changed_by, :now,
        created_at, created_by
    FROM registry.exemption WHERE exemption_id = :exemption_id
""")
