"""The statements of plain negatives: their stage, their fingerprints, and the one that writes them."""

from typing import Final

from shared.db import sql
from shared.result_ids import RESULT_ID

STAGE: Final = "plain_stage"
CREATE = sql(f"""
CREATE TEMP TABLE IF NOT EXISTS {STAGE} (
    "row" smallint, code text, key bytea, mode text, collected double precision, tested double precision,
    received double precision, released double precision, row_ref text
) ON COMMIT DELETE ROWS
""")

# In the order of the key, as every writer does; 1 is the number of a negative. Without ON CONFLICT, which
# costs three quarters more: a row that is not new ends the transaction, and that is what it is to do.
REMEMBER = sql(f"""
INSERT INTO ingest.fingerprint (tested_at, key, outcome, result_id)
SELECT to_timestamp(tested), key, 1, {RESULT_ID} FROM pg_temp.{STAGE} ORDER BY tested, key
""")

COLUMNS: Final = ("people", "rows", "modes", "collected", "tested")
# The columns of the message, of rows that were just written.
WORDED: Final = """
    CAST(array_agg(person_id) AS text) AS people, CAST(array_agg("row") AS text) AS rows,
    CAST(array_agg(mode) AS text) AS modes,
    CAST(array_agg(date_part('epoch', collected_at)) AS text) AS collected,
    CAST(array_agg(date_part('epoch', tested_at)) AS text) AS tested
"""

# A message holds part of a batch, so that its people show one part after another, and two parts at once
# where two processors are free.
ROWS_OF_A_MESSAGE: Final = 2_500

# The look-up is a LATERAL with OFFSET 0, which pins the plan to one index probe a row.
WRITE = sql(f"""
WITH written AS (
    INSERT INTO ingest.result (batch_id, "row", lab_code, state, person_id, reported_at, tested_at,
        collected_at, received_at, released_at, outcome, mode, test_kind, row_ref, health_code_id)
    SELECT :batch_id, s."row", :lab_code, 'matched', c.person_id, :reported_at, to_timestamp(s.tested),
        to_timestamp(s.collected), to_timestamp(s.received), to_timestamp(s.released),
        'negative', s.mode, 'pcr', s.row_ref, s.code
    FROM pg_temp.{STAGE} s CROSS JOIN LATERAL (
        SELECT x.person_id FROM ingest.identity_code x WHERE x.health_code_id = s.code OFFSET 0
    ) c
    RETURNING "row", person_id, mode, collected_at, tested_at
)
SELECT count(*) AS written, {WORDED} FROM written
GROUP BY ("row" - 1) / {ROWS_OF_A_MESSAGE} ORDER BY min("row")
""")
LEFT = sql(f"""
SELECT s."row" FROM pg_temp.{STAGE} s WHERE NOT EXISTS (
    SELECT FROM ingest.result r WHERE r.batch_id = :batch_id AND r."row" = s."row"
) ORDER BY s."row"
""")
