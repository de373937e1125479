"""Statements of a laboratory's figures."""

from shared.db import sql

# The newest day that lacks its count: one that runs each so many minutes, one that is over until it has been
# counted long enough after its end for the workers to be through.
NEXT = sql("""
    SELECT CAST(d.day AS date) AS day
    FROM generate_series(CAST(:first AS date), CAST(:today AS date), interval '1 day') AS d (day)
    LEFT JOIN ingest.figure_day f ON f.day = CAST(d.day AS date) AND f.lab_code = ''
    WHERE f.as_of IS NULL
       OR (f.as_of < (d.day + interval '1 day 1 hour') AT TIME ZONE 'Asia/Shanghai' AND f.as_of <= :before)
    ORDER BY d.day DESC LIMIT 1
""")

# A day is a range of ids: they begin with the moment of the receipt, and results lie by them in their months.
COUNT = sql("""
    WITH b AS (
        SELECT lab_code, count(*) AS batches, coalesce(sum(rows), 0) AS rows,
               coalesce(sum(accepted), 0) AS accepted, coalesce(sum(rejected), 0) AS rejected,
               coalesce(sum(duplicates), 0) AS duplicates
        FROM ingest.batch WHERE batch_id >= :low AND batch_id < :high
        GROUP BY GROUPING SETS ((lab_code), ())
    ), r AS (
        SELECT lab_code, count(*) FILTER (WHERE outcome = 'negative') AS negative,
               count(*) FILTER (WHERE outcome = 'positive') AS positive,
               count(*) FILTER (WHERE outcome = 'indeterminate') AS indeterminate,
               count(*) FILTER (WHERE outcome = 'invalid') AS invalid,
               percentile_cont(ARRAY[0.5, 0.9, 1]) WITHIN GROUP (
                   ORDER BY CAST(extract(epoch FROM reported_at - collected_at) AS double precision) / 3600
               ) AS hours
        FROM ingest.result WHERE batch_id >= :low AND batch_id < :high
        GROUP BY GROUPING SETS ((lab_code), ())
    )
    INSERT INTO ingest.figure_day
        (day, lab_code, batches, rows, accepted, rejected, duplicates, negative, positive, indeterminate,
         invalid, hours_median, hours_p90, hours_most, as_of)
    SELECT :day, coalesce(b.lab_code, ''), b.batches, b.rows, b.accepted, b.rejected, b.duplicates,
           coalesce(r.negative, 0), coalesce(r.positive, 0), coalesce(r.indeterminate, 0),
           coalesce(r.invalid, 0), r.hours[1], r.hours[2], r.hours[3], :now
    FROM b LEFT JOIN r ON r.lab_code IS NOT DISTINCT FROM b.lab_code
    ON CONFLICT ON CONSTRAINT figure_day_pk DO UPDATE
    SET batches = EXCLUDED.batches, rows = EXCLUDED.rows, accepted = EXCLUDED.accepted,
        rejected = EXCLUDED.rejected, duplicates = EXCLUDED.duplicates, negative = EXCLUDED.negative,
        positive = EXCLUDED.positive, indeterminate = EXCLUDED.indeterminate, invalid = EXCLUDED.invalid,
        hours_median = EXCLUDED.hours_median, hours_p90 = EXCLUDED.hours_p90,
        hours_most = EXCLUDED.hours_most, as_of = EXCLUDED.as_of
""")

# Without a laboratory of the caller's own: all of them, with a row of all together for each day.
ROWS = sql("""
    SELECT f.*, l.name FROM ingest.figure_day f
    LEFT JOIN ingest.lab l ON l.lab_code = f.lab_code
    WHERE f.day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
      AND (CAST(:only AS text) IS NULL OR f.lab_code = :only)
      AND (CAST(:lab_code AS text) IS NULL OR f.lab_code = :lab_code)
      AND (f.day, f.lab_code) > (CAST(:after_day AS date), CAST(:after_lab AS text))
    ORDER BY f.day, f.lab_code LIMIT :limit
""")

LABS = sql("""
    SELECT f.lab_code, l.name, CAST(sum(f.batches) AS bigint) AS batches, CAST(sum(f.rows) AS bigint) AS rows,
           CAST(sum(f.accepted) AS bigint) AS accepted, CAST(sum(f.rejected) AS bigint) AS rejected,
           CAST(sum(f.duplicates) AS bigint) AS duplicates, max(f.hours_most) AS hours_most
    FROM ingest.figure_day f LEFT JOIN ingest.lab l ON l.lab_code = f.lab_code
    WHERE f.day BETWEEN CAST(:first AS date) AND CAST(:last AS date) AND f.lab_code <> ''
      AND (CAST(:only AS text) IS NULL OR f.lab_code = :only)
    GROUP BY f.lab_code, l.name ORDER BY rows DESC, f.lab_code LIMIT :limit
""")
