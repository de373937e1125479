"""The statements of plans, counts and rounds."""

from typing import Final

from results_ingest.reconciliation.samples import KEPT, samples, tubes
from shared.db import sql

SITES = sql("""
SELECT site_code FROM ingest.site WHERE site_code = ANY (CAST(:codes AS text[]))
    AND (NOT CAST(:limited AS boolean) OR township_code = CAST(:township AS text))
""")
PLAN = sql("""
INSERT INTO ingest.intake_plan (day, site_code, round_code, expected, client_id, planned_at)
SELECT :day, u.site_code, :round_code, u.expected, :client_id, :now
FROM unnest(CAST(:sites AS text[]), CAST(:expected AS integer[])) AS u (site_code, expected)
ORDER BY u.site_code
ON CONFLICT ON CONSTRAINT intake_plan_pkey DO UPDATE SET expected = excluded.expected,
    client_id = excluded.client_id, planned_at = excluded.planned_at
""")

# A plan that is exceeded grows with what is taken: the total is never less than what was sampled. A single
# that is retained beside a pool is the same sampling; a void tube is to be taken again.
_COUNTS: Final = """
    WITH taken AS (
        SELECT coalesce(x.site_code, '') AS site_code, coalesce(x.round_code, '') AS round_code,
            count(DISTINCT x.id) AS tubes, count(*) AS sampled,
            count(*) FILTER (WHERE x.outcome = 'negative') AS negative,
            count(*) FILTER (WHERE x.outcome IN ('positive', 'indeterminate')) AS not_negative,
            count(*) FILTER (WHERE x.outcome IS NULL OR x.outcome = 'invalid') AS pending
        FROM ({tubes}) x WHERE x.cause <> 'void' AND NOT x.kept GROUP BY 1, 2
    ), planned AS (
        SELECT p.site_code, p.round_code, sum(p.expected) AS planned
        FROM ingest.intake_plan p JOIN ingest.site s ON s.site_code = p.site_code
        WHERE {which} AND CAST(:department AS text) IS NULL
            AND (CAST(:township AS text) IS NULL OR s.township_code = :township)
        GROUP BY p.site_code, p.round_code
    )
    SELECT nullif(c.site_code, '') AS site_code, nullif(c.round_code, '') AS round_code,
        CAST(coalesce(p.planned, 0) AS bigint) AS planned,
        CAST(greatest(p.planned, t.sampled) AS bigint) AS total, coalesce(t.tubes, 0) AS tubes,
        coalesce(t.sampled, 0) AS sampled,
        CAST(greatest(p.planned, t.sampled) - coalesce(t.sampled, 0) AS bigint) AS remaining,
        coalesce(t.negative, 0) AS negative, coalesce(t.pending, 0) AS pending,
        coalesce(t.not_negative, 0) AS not_negative
    FROM (SELECT site_code, round_code FROM taken UNION SELECT site_code, round_code FROM planned) c
    LEFT JOIN taken t ON t.site_code = c.site_code AND t.round_code = c.round_code
    LEFT JOIN planned p ON p.site_code = c.site_code AND p.round_code = c.round_code
    ORDER BY c.site_code, c.round_code
"""
_PLANNED: Final = {"day": "p.day = CAST(:day AS date)", "round": "p.round_code = CAST(:round_code AS text)"}
COUNTS: Final = {
    which: sql(_COUNTS.format(tubes=tubes(which, kept=KEPT), which=_PLANNED[which]))
    for which in ("day", "round")
}

# What became of a round's samples, by laboratory (row 81). Visible is shown, or needs no showing.
VISIBLE = sql(f"""
SELECT d.lab_code, count(*) AS sampled,
    count(*) FILTER (WHERE d.outcome <> 'invalid') AS resulted,
    count(*) FILTER (WHERE d.outcome <> 'invalid' AND d.known) AS matched,
    count(*) FILTER (WHERE d.cause IN ('shown', 'reported')) AS visible
FROM ({samples("round", kept=KEPT)}) d WHERE d.cause <> 'void' AND NOT d.kept
GROUP BY d.lab_code ORDER BY d.lab_code
""")

_SEEN: Final = """
    (NOT CAST(:limited AS boolean) OR r.township_code = CAST(:township AS text)
     OR EXISTS (SELECT FROM ingest.round_grid g
                WHERE g.round_code = r.round_code AND g.township_code = CAST(:township AS text)))
"""
_ROUND: Final = """
    SELECT r.round_code, r.title, r.drill, r.state, r.township_code, r.starts_at, r.deadline_at,
        r.activated_at, r.setup_due_at, r.ended_at, h.grids, h.expected
    FROM ingest.round r
    CROSS JOIN LATERAL (
        SELECT count(*) AS grids, CAST(sum(g.expected) AS bigint) AS expected FROM ingest.round_grid g
        WHERE g.round_code = r.round_code
            AND (NOT CAST(:limited AS boolean) OR g.township_code = CAST(:township AS text))
    ) h
"""
ROUND = sql(f"{_ROUND} WHERE r.round_code = :round_code AND {_SEEN}")
ROUNDS = sql(f"{_ROUND} WHERE r.round_code > :after AND {_SEEN} ORDER BY r.round_code LIMIT :limit")

# The laboratories that the grids name, and what is wrong with them here.
LABS = sql("""
SELECT g.lab_code, count(*) AS grids, CAST(sum(g.expected) AS bigint) AS expected,
    CASE WHEN l.lab_code IS NULL THEN 'lab_unknown' WHEN NOT l.active THEN 'lab_inactive' END AS defect
FROM ingest.round_grid g LEFT JOIN ingest.lab l ON l.lab_code = g.lab_code
WHERE g.round_code = :round_code
    AND (NOT CAST(:limited AS boolean) OR g.township_code = CAST(:township AS text))
GROUP BY g.lab_code, l.lab_code ORDER BY g.lab_code
""")
GRIDS = sql("""
SELECT grid_code, township_code, lab_code, expected, residents, sampled, resulted, counted_at
FROM ingest.round_grid
WHERE round_code = :round_code AND grid_code > :after
    AND (NOT CAST(:limited AS boolean) OR township_code = CAST(:township AS text))
ORDER BY grid_code LIMIT :limit
""")

_READINESS: Final = """
    CASE WHEN q.ready_at IS NULL AND CAST(:now AS timestamptz) > r.setup_due_at THEN 'late'
         WHEN q.ready_at IS NULL THEN 'waiting'
         WHEN q.ready_at > r.setup_due_at THEN 'ready_late' ELSE 'ready' END
"""
_ROUND_SITES: Final = f"""
    SELECT r.round_code, r.title, s.site_code, s.township_code, r.setup_due_at, q.ready_at, q.staff,
        {_READINESS} AS readiness
    FROM ingest.round r
    JOIN (SELECT DISTINCT round_code, site_code FROM ingest.intake_plan WHERE round_code <> '') p
        ON p.round_code = r.round_code
    JOIN ingest.site s ON s.site_code = p.site_code
    LEFT JOIN ingest.round_site_ready q ON q.round_code = r.round_code AND q.site_code = s.site_code
"""
ROUND_SITES = sql(f"""
SELECT x.* FROM ({_ROUND_SITES}) x
WHERE x.round_code = :round_code AND x.site_code > :after
    AND (NOT CAST(:limited AS boolean) OR x.township_code = CAST(:township AS text))
    AND (CAST(:readiness AS text) IS NULL OR x.readiness = :readiness)
ORDER BY x.site_code LIMIT :limit
""")
READY = sql("""
INSERT INTO ingest.round_site_ready (round_code, site_code, ready_at, staff, client_id, recorded_at)
VALUES (:round_code, :site_code, :ready_at, :staff, :client_id, :now)
ON CONFLICT ON CONSTRAINT round_site_ready_pkey DO NOTHING
""")
STORED_READY = sql("""
SELECT ready_at, staff FROM ingest.round_site_ready WHERE round_code = :round_code AND site_code = :site_code
""")

# One round whose set-up time has passed and that nobody has been told of; a drill is told of, too.
OVERDUE_SETUP = sql("""
SELECT round_code FROM ingest.round
WHERE state = 'active' AND setup_due_at < CAST(:now AS timestamptz) AND late_told_at IS NULL
ORDER BY round_code LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
""")
LATE_SITES = sql(f"""
SELECT x.title, x.township_code, x.setup_due_at, count(*) AS planned,
    array_agg(x.site_code ORDER BY x.site_code) FILTER (WHERE x.readiness IN ('late', 'ready_late')) AS late
FROM ({_ROUND_SITES}) x WHERE x.round_code = :round_code
GROUP BY x.title, x.township_code, x.setup_due_at
""")
SETUP_TOLD = sql("""
UPDATE ingest.round SET late_told_at = CAST(:now AS timestamptz) WHERE round_code = :round_code
""")

# A round that registry has counted since it was last told of.
VISIBLE_TO_TELL = sql("""
SELECT r.round_code, r.title, c.counted_at FROM ingest.round r
CROSS JOIN LATERAL (
    SELECT max(g.counted_at) AS counted_at FROM ingest.round_grid g WHERE g.round_code = r.round_code
) c
WHERE NOT r.drill AND c.counted_at > coalesce(r.visible_told_at, '-infinity')
ORDER BY r.round_code LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED
""")
VISIBLE_TOLD = sql("""
UPDATE ingest.round SET visible_told_at = CAST(:counted_at AS timestamptz) WHERE round_code = :round_code
""")

TELL_INTAKE = sql("""
INSERT INTO ingest.intake_told (told_on) VALUES (:today) ON CONFLICT ON CONSTRAINT intake_told_pkey DO NOTHING
""")
INTAKE_TOLD = sql("SELECT EXISTS (SELECT FROM ingest.intake_told WHERE told_on = :today)")
COUNTS_BY_TOWN = sql(f"""
SELECT s.township_code, c.* FROM ({COUNTS["day"].text}) c
LEFT JOIN ingest.site s ON s.site_code = c.site_code ORDER BY s.township_code
""")
