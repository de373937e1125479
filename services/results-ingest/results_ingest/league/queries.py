"""The statements of the league."""

from typing import Final

from results_ingest.stamps.queries import BOUNDS, STAMPED
from shared.db import sql

FORGET = sql("DELETE FROM ingest.league_day WHERE day = :day")

# `total` goes from the sampling to the report; in time is what was reported before its result was due.
COUNT = sql(f"""
    WITH stamped AS ({STAMPED})
    INSERT INTO ingest.league_day
        (day, stage, category, lab_code, tubes, in_time, median, p90, p95, longest)
    SELECT :day, g.stage, coalesce(g.category, 'all'), g.lab_code, count(*),
           CASE WHEN g.stage = 'total' THEN count(*) FILTER (WHERE g.in_time) END,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY g.minutes),
           percentile_cont(0.9) WITHIN GROUP (ORDER BY g.minutes),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY g.minutes), max(g.minutes)
      FROM (SELECT d.lab_code, coalesce(d.site_kind, 'none') AS category, v.stage,
                   CAST(extract(epoch FROM v.until - v.since) / 60 AS double precision) AS minutes,
                   d.reported_at <= d.result_due_at AS in_time
              FROM stamped d
             CROSS JOIN LATERAL (VALUES {BOUNDS}, ('total', d.collected_at, d.reported_at))
                   AS v (stage, since, until)
             WHERE v.until >= v.since AND d.lab_code IS NOT NULL) g
     GROUP BY GROUPING SETS ((g.stage, g.category, g.lab_code), (g.stage, g.lab_code))
""")

BY: Final = ("median", "p90", "p95", "longest")
# A laboratory's place is among all of them, whoever asks.
_ROWS = """
    SELECT * FROM (
        SELECT f.day, f.stage, f.category, f.lab_code, l.name, f.tubes, f.in_time, f.median, f.p90, f.p95,
               f.longest, rank() OVER places AS rank,
               count(*) OVER (PARTITION BY f.day, f.stage, f.category) AS labs
          FROM ingest.league_day f LEFT JOIN ingest.lab l ON l.lab_code = f.lab_code
         WHERE f.day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
           AND (CAST(:stage AS text) IS NULL OR f.stage = :stage)
           AND (CAST(:category AS text) IS NULL OR f.category = :category)
        WINDOW places AS (PARTITION BY f.day, f.stage, f.category ORDER BY f.{by})
    ) r
    WHERE (CAST(:only AS text) IS NULL OR r.lab_code = :only)
      AND (CAST(:lab_code AS text) IS NULL OR r.lab_code = :lab_code)
      AND (r.day, r.stage, r.category, r.rank, r.lab_code)
          > (CAST(:after_day AS date), CAST(:after_stage AS text), CAST(:after_category AS text),
             CAST(:after_rank AS bigint), CAST(:after_lab AS text))
    ORDER BY r.day, r.stage, r.category, r.rank, r.lab_code LIMIT :limit
"""
ROWS: Final = {by: sql(_ROWS.format(by=by)) for by in BY}
