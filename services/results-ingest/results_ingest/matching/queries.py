"""The statements of matching: the stage, the one judgement, and its two uses (early and late)."""

from results_ingest.matching.plain_queries import COLUMNS, WORDED
from shared.db import sql

# One per connection, of fixed shape: rows lie here for the length of a transaction.
STAGE = sql("""
CREATE TEMP TABLE IF NOT EXISTS match_stage (
    batch_id uuid, "row" smallint, lab_code text, reported_at timestamptz, row_ref text,
    tube_code text, health_code_id text, id_type text, id_index bytea, name_index bytea,
    outcome text, mode text, test_kind text,
    collected_at timestamptz, received_at timestamptz, tested_at timestamptz, released_at timestamptz,
    corrects_batch uuid, corrects_row smallint, from_positive boolean,
    hold text, forced boolean, forced_person uuid
) ON COMMIT DELETE ROWS
""")
STAGE_TABLE = "match_stage"
STAGE_COLUMNS = (
    "batch_id", "row", "lab_code", "reported_at", "row_ref",
    "tube_code", "health_code_id", "id_type", "id_index", "name_index",
    "outcome", "mode", "test_kind",
    "collected_at", "received_at", "tested_at", "released_at",
    "corrects_batch", "corrects_row", "from_positive",
    "hold", "forced", "forced_person",
)  # fmt: skip
CLEAR_STAGE = sql("DELETE FROM match_stage")

# Results wait for each other at their tube: a second laboratory and a late member see what was written.
LOCK_TUBES = sql("""
SELECT t.tube_code FROM ingest.tube t WHERE t.current AND t.tube_code = ANY(CAST(:codes AS text[]))
ORDER BY t.tube_id FOR NO KEY UPDATE
""")

# Every look-up is a LATERAL with OFFSET 0, which pins the plan to one index probe a row: a hash
# join over the whole table, which the planner prefers for an un-analysed stage, costs ten times that.
JUDGE = """
SELECT s.batch_id, s."row", s.lab_code, s.reported_at, s.row_ref, s.tube_code, s.health_code_id,
    s.id_type, s.id_index, s.name_index, s.outcome, s.test_kind, s.received_at, s.tested_at,
    s.released_at, s.corrects_batch, s.corrects_row, coalesce(s.from_positive, false) AS from_positive,
    v.state, coalesce(v.reason, f.fault) AS code,
    CASE WHEN v.state <> 'matched' THEN NULL
         WHEN s.forced_person IS NOT NULL THEN s.forced_person
         WHEN t.tube_id IS NULL THEN coalesce(h.person_id, d.person_id) END AS person_id,
    CASE WHEN v.state = 'matched' AND s.forced_person IS NULL THEN t.tube_id END AS tube_id,
    CASE WHEN v.state = 'matched' THEN coalesce(t.mode, s.mode, 'single') ELSE s.mode END AS mode,
    CASE WHEN v.state = 'matched' THEN coalesce(s.collected_at, t.collected_at, s.tested_at)
         ELSE s.collected_at END AS collected_at
FROM match_stage s
LEFT JOIN LATERAL (
    SELECT c.person_id, i.id_type, i.id_index, i.name_index
    FROM ingest.identity_code c LEFT JOIN LATERAL (
        SELECT x.* FROM ingest.identity x
        WHERE (s.id_index IS NOT NULL OR s.name_index IS NOT NULL) AND x.person_id = c.person_id OFFSET 0
    ) i ON true
    WHERE c.health_code_id = s.health_code_id OFFSET 0
) h ON true
LEFT JOIN LATERAL (
    SELECT i.person_id, i.name_index FROM ingest.identity i
    WHERE s.id_index IS NOT NULL AND i.id_index = s.id_index
    ORDER BY i.version DESC, i.person_id LIMIT 1 OFFSET 0
) d ON true
LEFT JOIN LATERAL (
    SELECT x.tube_id, x.mode, x.subject, x.collected_at, x.lab_code, x.members FROM ingest.tube x
    WHERE x.tube_code = s.tube_code AND x.current AND (x.members > 0 OR x.subject <> 'person') OFFSET 0
) t ON true
LEFT JOIN LATERAL (
    SELECT bool_or(coalesce(
            k.person_id = h.person_id OR k.person_id = d.person_id
            OR k.health_code_id = s.health_code_id OR k.id_index = s.id_index, false)) AS agrees,
        bool_or(k.person_id IS NULL AND (
            (s.health_code_id IS NULL AND k.id_index IS NULL)
            OR (s.id_index IS NULL AND k.health_code_id IS NULL))) AS may_agree,
        bool_or(coalesce(i.name_index, k.name_index) IS NULL
            OR coalesce(i.name_index, k.name_index) = s.name_index) AS may_be_named,
        bool_or(k.fault IS NOT NULL) AS faulty
    FROM ingest.tube_member k
    LEFT JOIN LATERAL (
        SELECT y.name_index FROM ingest.identity y WHERE y.person_id = k.person_id OFFSET 0
    ) i ON true
    WHERE k.tube_id = t.tube_id OFFSET 0
) m ON true
LEFT JOIN LATERAL (
    SELECT true AS found FROM ingest.tube_result x
    WHERE x.tube_id = t.tube_id AND NOT x.superseded AND x.lab_code <> s.lab_code LIMIT 1 OFFSET 0
) o ON true
CROSS JOIN LATERAL (
    SELECT s.health_code_id IS NOT NULL OR s.id_index IS NOT NULL AS names_somebody,
        s.forced OR s.forced_person IS NOT NULL AS forced,
        coalesce(h.person_id <> d.person_id, false)
        OR coalesce(d.person_id IS NULL AND s.id_type = h.id_type AND s.id_index <> h.id_index, false)
            AS at_odds
) q
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN s.hold IS NOT NULL AND NOT q.forced THEN s.hold
        WHEN s.forced_person IS NOT NULL THEN NULL
        WHEN s.tube_code IS NOT NULL AND t.tube_id IS NULL THEN 'tube_not_bound'
        WHEN s.tube_code IS NULL AND h.person_id IS NULL AND d.person_id IS NULL THEN 'person_unknown'
        WHEN q.forced THEN NULL
        WHEN q.at_odds THEN 'identifiers_contradict'
        WHEN t.tube_id IS NULL AND coalesce(d.name_index, h.name_index) <> s.name_index THEN 'name_mismatch'
        WHEN t.tube_id IS NULL THEN NULL
        WHEN q.names_somebody AND (t.subject <> 'person' OR NOT (m.agrees OR m.may_agree))
            THEN 'identifiers_contradict'
        WHEN s.mode <> t.mode THEN 'mode_mismatch'
        WHEN s.tested_at < t.collected_at AND EXISTS (
            SELECT FROM ingest.tube y WHERE y.tube_code = s.tube_code AND NOT y.current
        ) THEN 'tube_code_reused'
        WHEN o.found THEN 'second_lab'
        WHEN s.name_index IS NOT NULL AND NOT coalesce(m.may_be_named, true) THEN 'name_mismatch'
        WHEN t.mode = 'single' AND m.faulty THEN 'name_mismatch'
    END AS reason
) w
CROSS JOIN LATERAL (
    SELECT w.reason, CASE WHEN w.reason IS NULL THEN 'matched'
        WHEN w.reason IN ('tube_not_bound', 'person_unknown') THEN 'unmatched' ELSE 'held' END AS state
) v
CROSS JOIN LATERAL (
    SELECT CASE WHEN t.lab_code <> s.lab_code THEN 'unexpected_lab'
        WHEN s.tested_at < coalesce(s.collected_at, t.collected_at) THEN 'stamps_reversed' END AS fault
) f
"""

_WRITTEN = """
    batch_id, "row", lab_code, state, code, person_id, tube_id, reported_at, tested_at, collected_at,
    received_at, released_at, outcome, mode, test_kind, row_ref, tube_code, health_code_id,
    id_type, id_index, name_index, corrects_batch, corrects_row, from_positive, matched_at
"""
# A matched row has no further use for the indexes: its person is known.
_VALUES = """
    batch_id, "row", lab_code, state, code, person_id, tube_id, reported_at, tested_at, collected_at,
    received_at, released_at, outcome, mode, test_kind, row_ref, tube_code, health_code_id,
    id_type, CASE WHEN state <> 'matched' THEN id_index END,
    CASE WHEN state <> 'matched' THEN name_index END, corrects_batch, corrects_row,
    nullif(from_positive, false), CASE WHEN state = 'matched' THEN CAST(:now AS timestamptz) END
"""
_RETURNED = """
    batch_id, "row", lab_code, state, code, person_id, tube_id, reported_at, tested_at, collected_at,
    outcome, mode, test_kind, tube_code, health_code_id, id_index, corrects_batch, corrects_row,
    coalesce(from_positive, false) AS from_positive
"""

# Negatives of people without the detours that others need: the database words their message itself,
# so that no row of theirs becomes an object here.
_PLAIN = """
    state = 'matched' AND outcome = 'negative' AND test_kind = 'pcr' AND tube_id IS NULL
    AND corrects_batch IS NULL
"""

_ONCE = ", ".join(f"CASE WHEN coalesce(w.n, 1) = 1 THEN plain.{name} END AS {name}" for name in COLUMNS)

# The rows that need more than that; the columns of all the others' message stand beside the first.
INSERT_JUDGED = sql(f"""
WITH written AS MATERIALIZED (
    INSERT INTO ingest.result ({_WRITTEN}) SELECT {_VALUES} FROM ({JUDGE}) j RETURNING {_RETURNED}
), plain AS (SELECT {WORDED} FROM written WHERE {_PLAIN}
), special AS (SELECT row_number() OVER () AS n, w.* FROM written w WHERE NOT ({_PLAIN}))
SELECT {_ONCE}, w.* FROM plain LEFT JOIN special w ON true
""")

# Only rows that nobody has decided on or replaced meanwhile.
LOCK_WAITING = sql("""
SELECT r.batch_id, r."row", r.lab_code, r.reported_at, r.row_ref, r.tube_code, r.health_code_id,
    r.id_type, r.id_index, r.name_index, r.outcome, r.mode, r.test_kind, r.collected_at,
    r.received_at, r.tested_at, r.released_at, r.corrects_batch, r.corrects_row, r.from_positive,
    CASE WHEN r.state = 'held' THEN r.code END AS hold
FROM unnest(CAST(:batches AS uuid[]), CAST(:rows AS smallint[])) AS u (batch_id, "row")
JOIN ingest.result r ON r.batch_id = u.batch_id AND r."row" = u."row"
WHERE r.state IN ('unmatched', 'held') AND r.superseded_by IS NULL
ORDER BY r.batch_id, r."row" FOR UPDATE OF r
""")
JUDGE_AGAIN = sql(f'SELECT j.* FROM ({JUDGE}) j ORDER BY j.batch_id, j."row"')
UPDATE_JUDGED = sql("""
UPDATE ingest.result r SET state = u.state, code = u.code, person_id = u.person_id, tube_id = u.tube_id,
    collected_at = u.collected_at, mode = u.mode, corrects_batch = u.corrects_batch,
    corrects_row = u.corrects_row,
    matched_at = CASE WHEN u.state = 'matched' THEN CAST(:now AS timestamptz) END,
    from_positive = nullif(u.from_positive, false),
    id_index = CASE WHEN u.state <> 'matched' THEN r.id_index END,
    name_index = CASE WHEN u.state <> 'matched' THEN r.name_index END
FROM unnest(
    CAST(:batches AS uuid[]), CAST(:rows AS smallint[]), CAST(:states AS text[]), CAST(:codes AS text[]),
    CAST(:people AS uuid[]), CAST(:tubes AS uuid[]), CAST(:collected AS timestamptz[]),
    CAST(:modes AS text[]), CAST(:corrects_batches AS uuid[]), CAST(:corrects_rows AS smallint[]),
    CAST(:from_positive AS boolean[])
) AS u (batch_id, "row", state, code, person_id, tube_id, collected_at, mode, corrects_batch,
    corrects_row, from_positive)
WHERE r.batch_id = u.batch_id AND r."row" = u."row"
""")

# Pins nested loops for the statements of late matching that join arrays with large tables.
BY_INDEX = sql("""
SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
""")
