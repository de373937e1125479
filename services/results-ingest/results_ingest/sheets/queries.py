"""Statements over ingest.sheet_mapping."""

from shared.db import sql

PUT_MAPPING = sql("""
    INSERT INTO ingest.sheet_mapping (lab_code, name, columns, constants, words, changed_by, changed_at)
    VALUES (:lab_code, :name, CAST(:columns AS jsonb), CAST(:constants AS jsonb), CAST(:words AS jsonb), :by,
        :now)
    ON CONFLICT ON CONSTRAINT sheet_mapping_pk DO UPDATE
    SET columns = excluded.columns, constants = excluded.constants, words = excluded.words,
        changed_by = excluded.changed_by, changed_at = excluded.changed_at
    RETURNING name, columns, constants, words, changed_at
""")

MAPPINGS = sql("""
    SELECT name, columns, constants, words, changed_at FROM ingest.sheet_mapping
    WHERE lab_code = :lab_code AND (CAST(:name AS text) IS NULL OR name = :name)
    ORDER BY name
""")

COUNT_MAPPINGS = sql("""
    SELECT count(*) FROM ingest.sheet_mapping WHERE lab_code = :lab_code AND name <> :name
""")

DELETE_MAPPING = sql("DELETE FROM ingest.sheet_mapping WHERE lab_code = :lab_code AND name = :name")
