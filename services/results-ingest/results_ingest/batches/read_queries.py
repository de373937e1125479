"""The statements that read batches. They read the tables of matching and never write them."""

from shared.db import sql

ONE = sql("SELECT * FROM ingest.batch WHERE batch_id = :batch_id")

# Rows by their state; members of the batch's tubes by whether anybody knows them.
STANDS = sql("""
    SELECT r.matched, r.unmatched, r.held, m.pooled_people, m.pooled_unmatched
      FROM (SELECT count(*) FILTER (WHERE state = 'matched') AS matched,
                   count(*) FILTER (WHERE state = 'unmatched') AS unmatched,
                   count(*) FILTER (WHERE state = 'held') AS held
              FROM ingest.result WHERE batch_id = :batch_id) AS r
     CROSS JOIN (
           SELECT count(m.person_id) AS pooled_people,
                  count(*) FILTER (WHERE m.person_id IS NULL) AS pooled_unmatched
             FROM ingest.result t
             JOIN ingest.tube_member m ON m.tube_id = t.tube_id
            WHERE t.batch_id = :batch_id AND t.state = 'matched' AND t.same_as IS NULL) AS m
""")

# A part's rows wait until it is applied.
PAGE = sql("""
    SELECT b.*, w.waiting
      FROM ingest.batch b
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(p.rows), 0) AS waiting FROM ingest.batch_part p
            WHERE p.batch_id = b.batch_id AND p.applied_at IS NULL) AS w
     WHERE (:every OR b.lab_code = CAST(:own AS text))
       AND (CAST(:lab_code AS text) IS NULL OR b.lab_code = :lab_code)
       AND (CAST(:batch_no AS text) IS NULL OR b.batch_no = :batch_no)
       AND (CAST(:since AS timestamptz) IS NULL OR b.received_at >= :since)
       AND (CAST(:until AS timestamptz) IS NULL OR b.received_at <= :until)
       AND b.batch_id >= :floor AND b.batch_id < :before
     ORDER BY b.batch_id DESC LIMIT :limit
""")

ROWS = sql("""
    SELECT "row", row_ref, verdict, code
      FROM (SELECT "row", row_ref, state AS verdict, code FROM ingest.result
             WHERE batch_id = :batch_id AND "row" > :after
               AND (CAST(:verdict AS text) IS NULL OR state = :verdict)
            UNION ALL
            SELECT "row", row_ref, verdict, code FROM ingest.refused_row
             WHERE batch_id = :batch_id AND "row" > :after
               AND (CAST(:verdict AS text) IS NULL OR verdict = :verdict)) AS every
     ORDER BY "row" LIMIT :limit
""")

ROW_NUMBERS = sql("SELECT row_numbers FROM ingest.batch_sheet WHERE batch_id = :batch_id")

SHEET = sql("SELECT sealed FROM ingest.batch_sheet WHERE batch_id = :batch_id")
