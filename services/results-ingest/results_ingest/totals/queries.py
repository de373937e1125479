"""Statements of daily totals."""

from shared.db import sql

# A day is a range of ids: they begin with the moment of the receipt, and results lie by them in their months.
# What is neither judged nor refused yet waits. The key of a page is the day with the laboratory.
DAYS = sql("""
    WITH b AS (
        SELECT CAST(received_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, lab_code,
               count(*) AS batches, sum(rows) AS posted, sum(accepted) AS accepted,
               sum(rejected) AS refused, sum(duplicates) AS duplicates
          FROM ingest.batch
         WHERE batch_id >= :low AND batch_id < :high
           AND (CAST(:only AS text) IS NULL OR lab_code = :only)
           AND (CAST(:lab_code AS text) IS NULL OR lab_code = :lab_code)
         GROUP BY 1, 2
    ), r AS (
        SELECT CAST(reported_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day, lab_code,
               count(*) FILTER (WHERE state = 'matched') AS matched,
               count(*) FILTER (WHERE state = 'unmatched') AS unmatched,
               count(*) FILTER (WHERE state = 'held') AS held,
               count(*) FILTER (WHERE superseded_by IS NOT NULL) AS replaced,
               count(*) FILTER (WHERE outcome = 'negative') AS negative,
               count(*) FILTER (WHERE outcome = 'positive') AS positive,
               count(*) FILTER (WHERE outcome = 'indeterminate') AS indeterminate,
               count(*) FILTER (WHERE outcome = 'invalid') AS invalid
          FROM ingest.result
         WHERE batch_id >= :low AND batch_id < :high
           AND (CAST(:only AS text) IS NULL OR lab_code = :only)
           AND (CAST(:lab_code AS text) IS NULL OR lab_code = :lab_code)
         GROUP BY 1, 2
    )
    SELECT b.*, b.accepted - coalesce(r.matched + r.unmatched + r.held, 0) AS waiting,
           coalesce(r.matched, 0) AS matched, coalesce(r.unmatched, 0) AS unmatched,
           coalesce(r.held, 0) AS held, coalesce(r.replaced, 0) AS replaced,
           coalesce(r.negative, 0) AS negative, coalesce(r.positive, 0) AS positive,
           coalesce(r.indeterminate, 0) AS indeterminate, coalesce(r.invalid, 0) AS invalid
      FROM b LEFT JOIN r ON r.day = b.day AND r.lab_code = b.lab_code
     WHERE (b.day, b.lab_code) > (CAST(:after_day AS date), CAST(:after_lab AS text))
     ORDER BY b.day, b.lab_code LIMIT :limit
""")
