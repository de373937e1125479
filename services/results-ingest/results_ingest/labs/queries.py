"""The statements on laboratories."""

from shared.db import sql

_COLUMNS = """lab_code, name, opens_at, closes_at, turnaround_limit_hours, active, outside_region,
              enabled_from, enabled_to, created_at, updated_at"""

INSERT = sql("""
    INSERT INTO ingest.lab (lab_code, name, opens_at, closes_at, turnaround_limit_hours, active,
                            outside_region, enabled_from, enabled_to, changed_by, created_at, updated_at)
    VALUES (:lab_code, :name, :opens_at, :closes_at, :turnaround_limit_hours, :active,
            :outside_region, :enabled_from, :enabled_to, :changed_by, :now, :now)
    ON CONFLICT (lab_code) DO NOTHING
""")

ONE = sql(f"SELECT {_COLUMNS} FROM ingest.lab WHERE lab_code = :lab_code")

LOCKED = sql(f"SELECT {_COLUMNS} FROM ingest.lab WHERE lab_code = :lab_code FOR UPDATE")

UPDATE = sql("""
    UPDATE ingest.lab
       SET name = :name, opens_at = :opens_at, closes_at = :closes_at,
           turnaround_limit_hours = :turnaround_limit_hours, active = :active,
           outside_region = :outside_region, enabled_from = :enabled_from, enabled_to = :enabled_to,
           changed_by = :changed_by, updated_at = :now
     WHERE lab_code = :lab_code
""")

# Nothing is added where the newest says the same, nor for a laboratory that was always of this district.
ADD_ORIGIN = sql("""
    INSERT INTO ingest.lab_origin (lab_code, told_at, region)
    SELECT :lab_code, :now, CAST(:region AS text)
     WHERE CAST(:region AS text) IS DISTINCT FROM (
        SELECT o.region FROM ingest.lab_origin o WHERE o.lab_code = :lab_code
         ORDER BY o.told_at DESC LIMIT 1)
    ON CONFLICT ON CONSTRAINT lab_origin_pkey DO UPDATE SET region = EXCLUDED.region
""")

PAGE = sql(f"""
    SELECT {_COLUMNS} FROM ingest.lab
     WHERE lab_code > :after AND (CAST(:only AS text) IS NULL OR lab_code = :only)
     ORDER BY lab_code LIMIT :limit
""")

PUT_TERMS = sql("""
    INSERT INTO ingest.lab_terms (lab_code, effective_from, opens_at, closes_at, capacity, silent_minutes,
                                  always_expected, changed_by, changed_at)
    VALUES (:lab_code, :effective_from, :opens_at, :closes_at, :capacity, :silent_minutes,
            :always_expected, :changed_by, :now)
    ON CONFLICT ON CONSTRAINT lab_terms_pk DO UPDATE
    SET opens_at = EXCLUDED.opens_at, closes_at = EXCLUDED.closes_at, capacity = EXCLUDED.capacity,
        silent_minutes = EXCLUDED.silent_minutes, always_expected = EXCLUDED.always_expected,
        changed_by = EXCLUDED.changed_by, changed_at = EXCLUDED.changed_at
""")

TERMS = sql("""
    SELECT * FROM ingest.lab_terms
     WHERE lab_code = :lab_code AND effective_from < CAST(:before AS date)
     ORDER BY effective_from DESC LIMIT :limit
""")
