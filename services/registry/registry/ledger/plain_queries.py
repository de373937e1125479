"""What a plain negative does to an ordinary person's status, worded in SQL.

What `statuses.rules.decide` would say without looking at the facts; tests compare the two. In all of
it `s` is the person's stored status and `x` the newest plain negative that came, with its day.
"""

from typing import Final

from shared.db import sql
from shared.result_ids import RESULT_ID

NEWER: Final = """
    (s.last_collected_at IS NULL
     OR (x.collected_at, x.tested_at) > (s.last_collected_at, s.last_tested_at)
     OR ((x.collected_at, x.tested_at) = (s.last_collected_at, s.last_tested_at)
         AND (CAST(:lab_code AS text) COLLATE "C" < s.last_lab_code COLLATE "C"
              OR (:lab_code = s.last_lab_code AND x.mode = 'single' AND s.last_mode = 'mixed'))))
"""
ORDINARY: Final = """
    (NOT s.special
     AND (s.due_on IS NULL OR s.plain_from <= x.day)
     AND (s.boundary_on IS NULL OR s.boundary_on > CAST(:today AS date)))
"""

_DUE: Final = """
    CAST(x.day + coalesce(make_interval(days => s.interval_days),
                          make_interval(months => s.interval_months)) AS date)
"""
# Days and midnights by the session's own zone, which is Asia/Shanghai (`shared.db`): a zone that is named is
# looked up anew for every row.
_SOON_AT: Final = f"CAST({_DUE} - s.soon_days AS timestamptz)"
_OVERDUE_AT: Final = f"CAST({_DUE} + 1 AS timestamptz)"

# `next_change_at` only ever comes earlier here: a wake-up that finds nothing to do costs little, and
# an indexed value that stays keeps the update on its page.
SETTLED: Final = f"""
    last_outcome = 'negative', last_mode = x.mode, last_collected_at = x.collected_at,
    last_tested_at = x.tested_at, last_reported_at = CAST(:reported_at AS timestamptz),
    last_lab_code = :lab_code, last_reviewed = false, counted_on = x.day,
    due_on = CASE WHEN s.due_on IS NOT NULL THEN {_DUE} END,
    next_change_at = CASE
        WHEN s.due_on IS NULL THEN s.next_change_at
        WHEN s.soon_days > 0 AND {_SOON_AT} > :now THEN LEAST(s.next_change_at, {_SOON_AT})
        WHEN {_OVERDUE_AT} > :now THEN LEAST(s.next_change_at, {_OVERDUE_AT})
        ELSE s.next_change_at END,
    shown_at = :now, version = s.version + 1, changed_at = :now
"""

DAY: Final = "CAST(collected_at AS date)"

# A whole message in one statement, in person order: each person's newest row settles the status and,
# where it did, becomes a fact. The rest is answered: it goes the long way, in a message of its own, so
# that locks are only ever taken in one order here. NOT IN with a sub-select is a hash, whatever the
# planner thinks of arrays that it cannot see into.
NEGATIVES = sql(f"""
    WITH sent AS MATERIALIZED (
        SELECT person_id, "row", mode, to_timestamp(collected) AS collected_at,
               to_timestamp(tested) AS tested_at
        FROM unnest(
            CAST(CAST(:people AS text) AS uuid[]), CAST(CAST(:rows AS text) AS smallint[]),
            CAST(CAST(:modes AS text) AS text[]), CAST(CAST(:collected AS text) AS double precision[]),
            CAST(CAST(:tested AS text) AS double precision[])
        ) AS u (person_id, "row", mode, collected, tested)
    ), newest AS MATERIALIZED (
        SELECT DISTINCT ON (person_id) person_id, "row", mode, collected_at, tested_at, {DAY} AS day
        FROM sent ORDER BY person_id, collected_at DESC, tested_at DESC, mode DESC
    ), changed AS (
        UPDATE registry.person_status s SET {SETTLED}
        FROM newest x
        WHERE s.person_id = x.person_id AND {ORDINARY} AND {NEWER}
        RETURNING x.person_id, x."row", x.mode, x.collected_at, x.tested_at
    ), facts AS (
        INSERT INTO registry.ledger_entry (person_id, entry_id, kind, outcome, mode, test_kind, collected_at,
                                           tested_at, reported_at, lab_code, recorded_at)
        SELECT person_id, {RESULT_ID}, 'result', 'negative', mode, 'pcr', collected_at,
               tested_at, CAST(:reported_at AS timestamptz), :lab_code, :now
        FROM changed
    ), told AS (
        INSERT INTO registry.feed_pending (person_ids)
        SELECT array_agg(person_id) FROM changed HAVING count(*) > 0
    )
    SELECT person_id, "row", mode, collected_at, tested_at FROM sent
    WHERE "row" NOT IN (SELECT "row" FROM changed) ORDER BY "row"
""")
