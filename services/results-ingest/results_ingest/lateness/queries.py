"""The statements by which the worker looks at clocks and tells of them."""

from typing import Final

from results_ingest.stamps.queries import RETAINED
from shared.db import sql

# A packet's hint becomes one for each of its tubes: they are many, and are looked at in portions.
EXPAND = sql("""
WITH taken AS (
    DELETE FROM ingest.clock_hint WHERE hint_id IN (
        SELECT hint_id FROM ingest.clock_hint WHERE about = 'packet'
        ORDER BY hint_id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING about_id
), tubes AS (
    INSERT INTO ingest.clock_hint (about, about_id)
    SELECT 'subject', t.tube_id
    FROM (SELECT DISTINCT about_id FROM taken) p
    JOIN ingest.packet_tube h ON h.packet_id = p.about_id
    CROSS JOIN LATERAL (
        SELECT x.tube_id FROM ingest.tube x WHERE x.current AND x.tube_code = h.tube_code OFFSET 0
    ) t
)
SELECT count(*) FROM taken
""")
TAKE_HINTS = sql("""
WITH taken AS (
    DELETE FROM ingest.clock_hint WHERE hint_id IN (
        SELECT hint_id FROM ingest.clock_hint WHERE about = 'subject'
        ORDER BY hint_id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING about_id
)
SELECT about_id FROM taken
""")
DUE = sql("""
SELECT subject_id FROM ingest.clock WHERE next_at <= CAST(:now AS timestamptz) ORDER BY next_at LIMIT :most
""")

# A tube that was refused with its packet had been handed over. Whether a result stands is no question of
# the clock: the first one was in time or not. Where nobody told of a step, a later one shows that it was.
LOOK = sql(f"""
SELECT c.subject_id, c.stage, c.starts, c.limit_minutes, c.warn_minutes, c.opened_at, c.starts_at, c.ended_at,
    c.warned_at, c.broken_at, c.untold, c.breach_notice, c.state, t.tube_id, t.collected_at, t.registered_at,
    least(h.handed_at, t.dispatched_at) AS handed_at, coalesce(r.received_at, p.received_at) AS received_at,
    r.tested_at, coalesce(r.released_at, r.reported_at) AS reported_at,
    coalesce(t.site_code, c.site_code) AS site_code, coalesce(t.unit_code, c.unit_code) AS unit_code,
    coalesce(r.lab_code, p.lab_code, c.lab_code) AS lab_code, c.answer_type, c.answer_code,
    o.order_id, o.opened_at AS ordered_at, o.registered_at AS order_registered_at, o.sampled_at,
    o.resulted_at,
    coalesce(o.state = 'ended', false) OR EXISTS (SELECT FROM ingest.tube_void v WHERE v.tube_id = t.tube_id)
        OR (c.stage = 'result' AND r.tested_at IS NULL AND ({RETAINED})) AS void
FROM ingest.clock c
LEFT JOIN LATERAL (
    SELECT x.* FROM ingest.tube x WHERE c.subject = 'tube' AND x.tube_id = c.subject_id OFFSET 0
) t ON true
LEFT JOIN LATERAL (
    SELECT x.* FROM ingest.test_order x
    WHERE c.subject IN ('order', 'recheck') AND x.order_id = c.subject_id OFFSET 0
) o ON true
LEFT JOIN LATERAL (
    SELECT min(q.handed_at) AS handed_at
    FROM (
        SELECT y.packet_id FROM ingest.packet_tube y
        WHERE y.tube_code = t.tube_code AND y.standing IN ('listed', 'extra')
        UNION ALL
        SELECT y.packet_id FROM ingest.packet_tube y
        WHERE y.tube_code = t.tube_code AND y.standing = 'returned'
    ) y
    CROSS JOIN LATERAL (
        SELECT z.handed_at, z.sealed_at FROM ingest.packet z WHERE z.packet_id = y.packet_id OFFSET 0
    ) q
    WHERE q.sealed_at >= t.collected_at - interval '1 day'
) h ON true
LEFT JOIN LATERAL (
    SELECT z.received_at, z.lab_code
    FROM ingest.packet_tube y
    CROSS JOIN LATERAL (
        SELECT w.* FROM ingest.packet w WHERE w.packet_id = y.packet_id OFFSET 0
    ) z
    WHERE y.tube_code = t.tube_code AND y.standing IN ('listed', 'extra')
) p ON true
LEFT JOIN LATERAL (
    SELECT z.lab_code, z.received_at, z.tested_at, z.released_at, z.reported_at
    FROM ingest.tube_result y
    CROSS JOIN LATERAL (
        SELECT w.* FROM ingest.result w WHERE w.batch_id = y.batch_id AND w."row" = y."row" OFFSET 0
    ) z
    WHERE y.tube_id = t.tube_id ORDER BY z.reported_at, z.batch_id, z."row" LIMIT 1
) r ON true
WHERE c.subject_id = ANY(CAST(:ids AS uuid[]))
""")
SET = sql("""
UPDATE ingest.clock c SET starts_at = u.starts_at, due_at = u.due_at, ended_at = u.ended_at, state = u.state,
    next_at = u.next_at, warned_at = u.warned_at, broken_at = u.broken_at, untold = u.untold,
    site_code = u.site_code, lab_code = u.lab_code, unit_code = u.unit_code, answer_type = u.answer_type,
    answer_code = u.answer_code
FROM jsonb_to_recordset(CAST(:clocks AS jsonb)) AS u (subject_id uuid, stage text, starts_at timestamptz,
    due_at timestamptz, ended_at timestamptz, state text, next_at timestamptz, warned_at timestamptz,
    broken_at timestamptz, untold text, site_code text, lab_code text, unit_code text, answer_type text,
    answer_code text)
WHERE c.subject_id = u.subject_id AND c.stage = u.stage
""")

# One notice for all that one body owes at one stage, and none within the pause after the last one.
UNTOLD = sql("""
SELECT g.answer_type, g.answer_code, g.stage, g.untold AS level
FROM (SELECT DISTINCT answer_type, answer_code, stage, untold FROM ingest.clock WHERE untold IS NOT NULL) g
WHERE NOT EXISTS (
    SELECT FROM ingest.clock_notice n
    WHERE n.answer_type = g.answer_type AND n.answer_code = g.answer_code AND n.stage = g.stage
        AND n.level = g.untold AND n.told_at > CAST(:since AS timestamptz))
ORDER BY g.untold, g.answer_type, g.answer_code, g.stage LIMIT :most
""")
TAKE_UNTOLD = sql("""
WITH told AS (
    UPDATE ingest.clock SET untold = NULL,
        breach_notice = CASE WHEN untold = 'breach' THEN CAST(:notice_id AS uuid) ELSE breach_notice END
    WHERE untold = :level AND answer_type = :answer_type AND answer_code = :answer_code AND stage = :stage
    RETURNING subject_id, subject, code, category, site_code, lab_code, starts_at, due_at, ended_at, state
)
SELECT * FROM told ORDER BY due_at, subject_id
""")
NOTICED = sql("""
SELECT subject_id, subject, code, category, site_code, lab_code, starts_at, due_at, ended_at, state
FROM ingest.clock WHERE breach_notice = :notice_id ORDER BY due_at, subject_id
""")
ADD_NOTICE = sql("""
INSERT INTO ingest.clock_notice (notice_id, answer_type, answer_code, stage, level, told_at, open, explained)
VALUES (:notice_id, :answer_type, :answer_code, :stage, :level, :now, :open, :explained)
""")
NOTICE = sql("""
SELECT notice_id, answer_type, answer_code, stage, level, revision, open, explained
FROM ingest.clock_notice WHERE notice_id = :notice_id FOR UPDATE
""")
REVISE = sql("""
UPDATE ingest.clock_notice SET revision = revision + 1, open = :open, explained = :explained
WHERE notice_id = :notice_id
""")
TOWN = sql("SELECT township_code FROM ingest.site WHERE site_code = :site_code")

TOWNS = sql("""
SELECT site_code, township_code FROM ingest.site WHERE site_code = ANY(CAST(:site_codes AS text[]))
""")
DIGESTED = sql("""
INSERT INTO ingest.stage_digest (day, told_at) VALUES (:day, :now) ON CONFLICT (day) DO NOTHING
""")

FORGET: Final = sql("""
DELETE FROM ingest.clock WHERE (subject_id, stage) IN (
    SELECT subject_id, stage FROM ingest.clock
    WHERE due_at < CAST(:before AS timestamptz) ORDER BY due_at LIMIT :most)
""")
FORGET_NOTICES: Final = sql("""
DELETE FROM ingest.clock_notice WHERE notice_id IN (
    SELECT notice_id FROM ingest.clock_notice WHERE told_at < CAST(:before AS timestamptz) LIMIT :most)
""")
