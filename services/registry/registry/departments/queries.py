"""Statements over registry.department."""

from shared.db import sql

_COLUMNS = "code, name, level, role, parent_code, sealed_contact, revision"

INSERT = sql(f"""
    INSERT INTO registry.department
        (code, name, level, role, parent_code, sealed_contact, created_by, created_at, updated_at)
    VALUES (:code, :name, :level, :role, :parent_code, :sealed_contact, :created_by, :now, :now)
    ON CONFLICT (code) DO NOTHING
    RETURNING {_COLUMNS}
""")

BY_CODE = sql(f"SELECT {_COLUMNS} FROM registry.department WHERE code = :code")

LOCK = sql(f"SELECT {_COLUMNS} FROM registry.department WHERE code = :code FOR NO KEY UPDATE")

UPDATE = sql(f"""
    UPDATE registry.department
    SET name = :name, role = :role, parent_code = :parent_code, sealed_contact = :sealed_contact,
        revision = revision + 1, updated_by = :updated_by, updated_at = :now
    WHERE code = :code
    RETURNING {_COLUMNS}
""")

PAGE = sql(f"""
    SELECT {_COLUMNS}
    FROM registry.department
    WHERE code > :after
      AND (CAST(:area AS text) IS NULL OR code = :area)
      AND (CAST(:level AS text) IS NULL OR level = :level)
      AND (CAST(:role AS text) IS NULL OR role = :role)
      AND (CAST(:parent_code AS text) IS NULL OR parent_code = :parent_code)
    ORDER BY code
    LIMIT :limit
""")

ANCESTORS = sql("""
    WITH RECURSIVE up (code, parent_code) AS (
        SELECT code, parent_code FROM registry.department WHERE code = :code
        UNION
        SELECT d.code, d.parent_code FROM registry.department d JOIN up ON d.code = up.parent_code
    )
    SELECT code FROM up
""")

LEVELS = sql("SELECT code, level FROM registry.department WHERE code = ANY (CAST(:codes AS text[]))")
