"""The statements that write a batch."""

from shared.db import sql

LAB = sql("SELECT active, enabled_from, enabled_to FROM ingest.lab WHERE lab_code = :lab_code")

STORED = sql("""
    SELECT * FROM ingest.batch WHERE lab_code = :lab_code AND batch_no = :batch_no
""")

INSERT_BATCH = sql("""
    INSERT INTO ingest.batch (batch_id, lab_code, batch_no, client_id, received_at, sha256, rows_digest,
                              rows, accepted, rejected, duplicates,
                              errors, errors_total, warnings, warnings_total)
    VALUES (:batch_id, :lab_code, :batch_no, :client_id, :received_at, :sha256, :rows_digest,
            :rows, :accepted, :rejected, :duplicates,
            CAST(:errors AS jsonb), :errors_total, CAST(:warnings AS jsonb), :warnings_total)
    ON CONFLICT (lab_code, batch_no) DO NOTHING
""")

UPDATE_COUNTS = sql("""
    UPDATE ingest.batch
       SET accepted = :accepted, rejected = :rejected, duplicates = :duplicates,
           errors = CAST(:errors AS jsonb), errors_total = :errors_total,
           warnings = CAST(:warnings AS jsonb), warnings_total = :warnings_total
     WHERE batch_id = :batch_id
""")

INSERT_PART = sql("""
    INSERT INTO ingest.batch_part (batch_id, part, rows, urgent, sealed)
    VALUES (:batch_id, :part, :rows, :urgent, :sealed)
""")

INSERT_SHEET = sql("""
    INSERT INTO ingest.batch_sheet (batch_id, row_numbers, sealed)
    VALUES (:batch_id, CAST(:row_numbers AS integer[]), :sealed)
""")

INSERT_REFUSED = sql("""
    INSERT INTO ingest.refused_row (batch_id, "row", row_ref, verdict, code, field, tube_code)
    SELECT :batch_id, r.*
      FROM unnest(CAST(:rows AS smallint[]), CAST(:refs AS text[]), CAST(:verdicts AS text[]),
                  CAST(:codes AS text[]), CAST(:fields AS text[]), CAST(:tubes AS text[])) AS r
""")

# In the order given (by key), so that two batches with the same rows wait and never deadlock.
INSERT_FINGERPRINTS = sql("""
    INSERT INTO ingest.fingerprint (tested_at, key, outcome, result_id)
    SELECT * FROM unnest(CAST(:tested AS timestamptz[]), CAST(:keys AS bytea[]),
                         CAST(:outcomes AS smallint[]), CAST(:ids AS uuid[]))
    ON CONFLICT DO NOTHING
""")

# LATERAL with OFFSET 0 pins one index look-up per key; a join would be planned over the whole table.
_REMEMBERED = """
    SELECT s.n, f.outcome, f.result_id, f.others
      FROM unnest(CAST(:tested AS timestamptz[]), CAST(:keys AS bytea[]))
           WITH ORDINALITY AS s (tested_at, key, n)
     CROSS JOIN LATERAL (
           SELECT outcome, result_id, others FROM ingest.fingerprint
            WHERE tested_at = s.tested_at AND key = s.key OFFSET 0 {lock}) AS f
"""
REMEMBERED = sql(_REMEMBERED.format(lock=""))
REMEMBERED_LOCKED = sql(_REMEMBERED.format(lock="FOR UPDATE"))

UPDATE_FINGERPRINTS = sql("""
    UPDATE ingest.fingerprint AS f
       SET outcome = s.outcome, result_id = s.result_id, others = CAST(s.others AS jsonb)
      FROM unnest(CAST(:tested AS timestamptz[]), CAST(:keys AS bytea[]), CAST(:outcomes AS smallint[]),
                  CAST(:ids AS uuid[]), CAST(:others AS text[]))
           AS s (tested_at, key, outcome, result_id, others)
     WHERE f.tested_at = s.tested_at AND f.key = s.key
""")

# What a correction names: by the batch's own number or by result id; only rows that were accepted. Of a
# sheet, the batch's number goes with the row's number as a person sees it.
CORRECTED = sql("""
    SELECT s.n, b.batch_id, b."row"
      FROM unnest(CAST(:numbers AS text[]), CAST(:ids AS uuid[]), CAST(:rows AS integer[]))
           WITH ORDINALITY AS s (batch_no, batch_id, "row", n)
     CROSS JOIN LATERAL (
           SELECT batch_id, rows, coalesce((
                      SELECT coalesce(array_position(row_numbers, s."row"), 0) FROM ingest.batch_sheet c
                       WHERE c.batch_id = batch.batch_id), s."row") AS "row"
             FROM ingest.batch WHERE lab_code = :lab_code AND batch_no = s.batch_no
           UNION ALL
           SELECT batch_id, rows, s."row"
             FROM ingest.batch WHERE lab_code = :lab_code AND batch_id = s.batch_id
           OFFSET 0) AS b
     WHERE b."row" BETWEEN 1 AND b.rows
       AND NOT EXISTS (SELECT FROM ingest.refused_row r WHERE r.batch_id = b.batch_id AND r."row" = b."row")
""")

BOUND_TUBES = sql("""
    SELECT t.tube_code FROM unnest(CAST(:codes AS text[])) AS s (tube_code)
     CROSS JOIN LATERAL (
           SELECT tube_code FROM ingest.tube WHERE tube_code = s.tube_code AND current OFFSET 0) AS t
""")
