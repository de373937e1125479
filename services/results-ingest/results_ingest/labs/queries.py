"""The statements on laboratories."""

from shared.db import sql

_COLUMNS = "lab_code, name, opens_at, closes_at, turnaround_limit_hours, active, created_at, updated_at"

INSERT = sql("""
    INSERT INTO ingest.lab (lab_code, name, opens_at, closes_at, turnaround_limit_hours, active,
                            changed_by, created_at, updated_at)
    VALUES (:lab_code, :name, :opens_at, :closes_at, :turnaround_limit_hours, :active,
            :changed_by, :now, :now)
    ON CONFLICT (lab_code) DO NOTHING
""")

ONE = sql(f"SELECT {_COLUMNS} FROM ingest.lab WHERE lab_code = :lab_code")

LOCKED = sql(f"SELECT {_COLUMNS} FROM ingest.lab WHERE lab_code = :lab_code FOR UPDATE")

UPDATE = sql("""
    UPDATE ingest.lab
       SET name = :name, opens_at = :opens_at, closes_at = :closes_at,
           turnaround_limit_hours = :turnaround_limit_hours, active = :active,
           changed_by = :changed_by, updated_at = :now
     WHERE lab_code = :lab_code
""")

PAGE = sql(f"""
    SELECT {_COLUMNS} FROM ingest.lab
     WHERE lab_code > :after AND (CAST(:only AS text) IS NULL OR lab_code = :only)
     ORDER BY lab_code LIMIT :limit
""")
