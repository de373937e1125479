"""The statements of rows and what became of them."""

from typing import Final

from shared.db import sql

# One look-up a row by each primary key; OFFSET 0 pins it. The id of a result is that of its batch with the
# row's number in the last four digits.
_FATE: Final = """
    SELECT n.batch_id, n."row", coalesce(r.row_ref, f.row_ref) AS row_ref,
           coalesce(r.state, f.verdict, 'waiting') AS verdict, coalesce(r.code, f.code) AS code, f.field,
           r.tube_code, r.outcome, r.collected_at, r.tested_at, r.superseded_by AS replaced_by, r.same_as,
           CASE WHEN v.state = 'open' THEN 'open' ELSE v.verdict END AS review
      FROM {rows} AS n (batch_id, "row")
      LEFT JOIN LATERAL (
           SELECT * FROM ingest.result x WHERE x.batch_id = n.batch_id AND x."row" = n."row" OFFSET 0
      ) r ON true
      LEFT JOIN LATERAL (
           SELECT * FROM ingest.refused_row x WHERE x.batch_id = n.batch_id AND x."row" = n."row" OFFSET 0
      ) f ON true
      LEFT JOIN LATERAL (
           SELECT x.state, x.verdict FROM ingest.review x
            WHERE x.result_id = CAST(
                left(CAST(n.batch_id AS text), 32) || lpad(to_hex(CAST(n."row" AS integer)), 4, '0') AS uuid)
           OFFSET 0
      ) v ON true
     ORDER BY n.batch_id, n."row"
"""
OF_BATCH = sql(
    _FATE.format(
        rows="(SELECT CAST(:batch_id AS uuid), CAST(g AS smallint)"
        " FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) g)"
    )
)
OF_ROWS = sql(_FATE.format(rows="unnest(CAST(:batches AS uuid[]), CAST(:rows AS smallint[]))"))
