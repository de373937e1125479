"""Statements over registry.sheet_import, sheet_part, sheet_error and sheet_mapping."""

from shared.db import sql

# An area sees the imports of its own clients; the whole district sees all.
_MINE = "(CAST(:area AS text) IS NULL OR i.area_code = :area)"
_SHOWN = f"""
    SELECT i.import_id, i.kind, i.format, i.sha256, i.dry_run, i.existing, i.state AS status,
        i.rows, i.processed, i.accepted, i.updated, i.processed - i.accepted - i.updated AS rejected,
        i.created_at, i.finished_at, i.client_id, i.sealed_head,
        (SELECT count(*) FROM registry.sheet_error e WHERE e.import_id = i.import_id) AS errors_total
    FROM registry.sheet_import i
    WHERE {_MINE}
"""

INSERT = sql("""
    INSERT INTO registry.sheet_import
        (import_id, kind, format, sha256, dry_run, existing, client_id, area_code, area_level, sealed_head,
         rows, parts, created_at)
    VALUES (:import_id, :kind, :format, :sha256, :dry_run, :existing, :client_id, :area_code, :area_level,
        :sealed_head, :rows, :parts, :now)
""")

INSERT_PARTS = sql("""
    INSERT INTO registry.sheet_part (import_id, part, sealed_rows)
    SELECT :import_id, r.*
    FROM unnest(CAST(:parts AS integer[]), CAST(:sealed_rows AS bytea[])) AS r
""")

INSERT_ERRORS = sql("""
    INSERT INTO registry.sheet_error (import_id, row_no, field, code)
    SELECT :import_id, r.*
    FROM unnest(CAST(:rows AS integer[]), CAST(:fields AS text[]), CAST(:codes AS text[])) AS r
""")

GET = sql(f"{_SHOWN} AND i.import_id = :import_id")

PAGE = sql(f"{_SHOWN} AND i.import_id < :before ORDER BY i.import_id DESC LIMIT :limit")

ERRORS = sql("""
    SELECT error_id, row_no, field, code FROM registry.sheet_error
    WHERE import_id = :import_id AND (row_no, error_id) > (:after_row, :after)
    ORDER BY row_no, error_id
    LIMIT :limit
""")

ERRORS_BETWEEN = sql("""
    SELECT row_no, field, code FROM registry.sheet_error
    WHERE import_id = :import_id AND row_no BETWEEN :first AND :last
    ORDER BY row_no, error_id
""")

PART = sql("SELECT sealed_rows FROM registry.sheet_part WHERE import_id = :import_id AND part = :part")

# In turn, whoever was served longest ago first, so that nobody waits for more than a part of each other
# import; a failed step rests before it is taken again.
TAKE = sql("""
    SELECT import_id, kind, dry_run, existing, client_id, area_code, area_level, sealed_head, rows, parts,
        next_part, failures
    FROM registry.sheet_import
    WHERE state IN ('received', 'running') AND (again_at IS NULL OR again_at <= clock_timestamp())
    ORDER BY served_at, import_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
""")

ADVANCE = sql("""
    UPDATE registry.sheet_import
    SET next_part = next_part + 1, processed = processed + :processed, accepted = accepted + :accepted,
        updated = updated + :updated, failures = 0, again_at = NULL, served_at = clock_timestamp(),
        state = CASE WHEN next_part + 1 >= parts THEN 'done' ELSE 'running' END,
        finished_at = CASE WHEN next_part + 1 >= parts THEN CAST(:now AS timestamptz) END
    WHERE import_id = :import_id
""")

NOTE_FAILURE = sql("""
    UPDATE registry.sheet_import
    SET failures = failures + 1, again_at = clock_timestamp() + interval '1 second',
        served_at = clock_timestamp(),
        state = CASE WHEN failures + 1 >= :most THEN 'failed' ELSE state END,
        finished_at = CASE WHEN failures + 1 >= :most THEN CAST(:now AS timestamptz) END
    WHERE import_id = :import_id
""")

FORGET = sql("""
    DELETE FROM registry.sheet_import
    WHERE import_id IN (
        SELECT import_id FROM registry.sheet_import
        WHERE finished_at < CAST(:now AS timestamptz) - make_interval(days => :days)
        ORDER BY import_id LIMIT 10)
""")

PUT_MAPPING = sql("""
    INSERT INTO registry.sheet_mapping (kind, name, area_code, columns, constants, changed_by, changed_at)
    VALUES (:kind, :name, :area, CAST(:columns AS jsonb), CAST(:constants AS jsonb), :by, :now)
    ON CONFLICT ON CONSTRAINT sheet_mapping_pk DO UPDATE
    SET columns = excluded.columns, constants = excluded.constants, changed_by = excluded.changed_by,
        changed_at = excluded.changed_at
    RETURNING kind, name, area_code, columns, constants, changed_at
""")

MAPPINGS = sql("""
    SELECT kind, name, area_code, columns, constants, changed_at FROM registry.sheet_mapping
    WHERE area_code = :area AND (CAST(:kind AS text) IS NULL OR kind = :kind)
      AND (CAST(:name AS text) IS NULL OR name = :name)
    ORDER BY kind, name
""")

DELETE_MAPPING = sql("""
    DELETE FROM registry.sheet_mapping WHERE kind = :kind AND name = :name AND area_code = :area
""")
