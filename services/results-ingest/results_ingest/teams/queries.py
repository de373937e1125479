"""The statements of teams, their postings, and what each has sampled."""

from typing import Final

from results_ingest.reconciliation.samples import KEPT, tubes
from shared.db import sql

PUT_TEAMS = sql("""
INSERT INTO ingest.sampling_team AS t (team_code, township_code, members, active, revision)
SELECT u.team_code, u.township_code, u.members, u.active, u.revision
FROM unnest(CAST(:codes AS text[]), CAST(:towns AS text[]), CAST(:members AS integer[]),
    CAST(:active AS boolean[]), CAST(:revisions AS integer[]))
    AS u (team_code, township_code, members, active, revision)
ORDER BY u.team_code
ON CONFLICT ON CONSTRAINT sampling_team_pkey DO UPDATE SET township_code = excluded.township_code,
    members = excluded.members, active = excluded.active, revision = excluded.revision
WHERE t.revision < excluded.revision
""")

# Both locks, teams before sites: whoever posts about one of these waits, and then sees what was posted.
LOCK_TEAMS = sql("""
SELECT team_code FROM ingest.sampling_team
WHERE team_code = ANY (CAST(:codes AS text[])) AND active
    AND (NOT CAST(:limited AS boolean) OR township_code = CAST(:township AS text))
ORDER BY team_code FOR NO KEY UPDATE
""")
LOCK_SITES = sql("""
SELECT site_code FROM ingest.site
WHERE site_code = ANY (CAST(:codes AS text[]))
    AND (NOT CAST(:limited AS boolean) OR township_code = CAST(:township AS text))
ORDER BY site_code FOR NO KEY UPDATE
""")
STANDING = sql("""
SELECT posting_id, team_code, site_code, begins_at, ends_at FROM ingest.team_posting
WHERE withdrawn_at IS NULL
    AND begins_at < CAST(:last AS timestamptz) AND ends_at > CAST(:first AS timestamptz)
    AND (site_code = ANY (CAST(:sites AS text[])) OR team_code = ANY (CAST(:teams AS text[])))
ORDER BY posting_id
""")
WITHDRAW = sql("""
UPDATE ingest.team_posting SET withdrawn_at = CAST(:now AS timestamptz), withdrawn_by = :client_id
WHERE posting_id = ANY (CAST(:postings AS uuid[]))
""")
POST = sql("""
INSERT INTO ingest.team_posting (posting_id, team_code, site_code, begins_at, ends_at, client_id, recorded_at)
SELECT u.posting_id, u.team_code, u.site_code, u.begins_at, u.ends_at, :client_id, :now
FROM unnest(CAST(:postings AS uuid[]), CAST(:teams AS text[]), CAST(:sites AS text[]),
    CAST(:begins AS timestamptz[]), CAST(:ends AS timestamptz[]))
    AS u (posting_id, team_code, site_code, begins_at, ends_at)
""")
PAGE = sql("""
SELECT p.posting_id, p.team_code, p.site_code, s.township_code, p.begins_at, p.ends_at, p.recorded_at,
    p.withdrawn_at
FROM ingest.team_posting p JOIN ingest.site s ON s.site_code = p.site_code
WHERE p.posting_id > :after
    AND p.begins_at < CAST(:ends AS timestamptz) AND p.ends_at > CAST(:begins AS timestamptz)
    AND (CAST(:withdrawn AS boolean) OR p.withdrawn_at IS NULL)
    AND (NOT CAST(:limited AS boolean) OR s.township_code = CAST(:township AS text))
    AND (CAST(:team_code AS text) IS NULL OR p.team_code = :team_code)
    AND (CAST(:site_code AS text) IS NULL OR p.site_code = :site_code)
ORDER BY p.posting_id LIMIT :limit
""")

# Who is awaited, so that a team that has sampled nothing is seen: of a day those whose posting has begun, of
# a round those that its grids name. A township sees those of its sites and grids, a department nobody beyond
# those that sampled its units.
_AWAITED: Final = {
    "day": """
        SELECT p.team_code, 0 AS grids, bool_or(p.begins_at <= CAST(:now AS timestamptz)) AS awaited,
            true AS posted
        FROM ingest.team_posting p JOIN ingest.site s ON s.site_code = p.site_code
        WHERE p.withdrawn_at IS NULL AND p.begins_at < CAST(:to_at AS timestamptz)
            AND p.ends_at > CAST(:from_at AS timestamptz) AND CAST(:department AS text) IS NULL
            AND (CAST(:township AS text) IS NULL OR s.township_code = :township)
        GROUP BY p.team_code
    """,
    "round": """
        SELECT g.team_code, count(*) AS grids, true AS awaited,
            EXISTS (SELECT FROM ingest.team_posting p
                    WHERE p.team_code = g.team_code AND p.withdrawn_at IS NULL
                        AND p.begins_at < coalesce(r.ended_at, r.deadline_at)
                        AND p.ends_at > r.starts_at) AS posted
        FROM ingest.round r JOIN ingest.round_grid g ON g.round_code = r.round_code
        WHERE r.round_code = CAST(:round_code AS text) AND g.team_code IS NOT NULL
            AND CAST(:department AS text) IS NULL
            AND (CAST(:township AS text) IS NULL OR g.township_code = :township)
        GROUP BY r.round_code, g.team_code
    """,
}
# A sample is the team's that stood at its site when it was taken. A fault (row 79) is counted where its code
# was told, on the days on which a result of these tubes may have come.
_FIGURES: Final = """
    WITH taken AS MATERIALIZED (
        SELECT x.id, x.tube_code, x.site_code, x.collected_at, coalesce(d.team_code, '') AS team_code
        FROM ({tubes}) x
        LEFT JOIN LATERAL (
            SELECT p.team_code FROM ingest.team_posting p
            WHERE p.site_code = x.site_code AND p.withdrawn_at IS NULL
                AND p.begins_at <= x.collected_at AND x.collected_at < p.ends_at LIMIT 1
        ) d ON true
        WHERE x.cause <> 'void' AND NOT x.kept
    ), counted AS (
        SELECT t.team_code, count(DISTINCT t.site_code) AS sites, count(DISTINCT t.id) AS tubes,
            count(*) AS samples,
            min(t.collected_at) AS first_sample_at, max(t.collected_at) AS last_sample_at,
            array_agg(DISTINCT t.site_code) FILTER (WHERE t.site_code IS NOT NULL) AS site_codes
        FROM taken t GROUP BY t.team_code
    ), told AS (
        SELECT CAST(timezone('Asia/Shanghai', min(collected_at)) AS date) AS first,
            CAST(timezone('Asia/Shanghai', max(collected_at)) AS date) + CAST(:horizon AS integer) AS last
        FROM taken
    ), wrong AS (
        SELECT t.team_code, count(*) AS faults, count(DISTINCT t.id) AS faulty_tubes
        FROM told d
        JOIN ingest.quality_fault q ON q.day BETWEEN d.first AND d.last
        JOIN (SELECT DISTINCT id, tube_code, team_code FROM taken) t ON t.tube_code = q.tube_code
        GROUP BY t.team_code
    ), awaited AS ({awaited})
    SELECT nullif(n.team_code, '') AS team_code, s.township_code, s.active, s.members,
        coalesce(a.grids, 0) AS grids, coalesce(a.awaited, false) AS awaited,
        coalesce(a.posted, false) AS posted,
        coalesce(c.sites, 0) AS sites, coalesce(c.tubes, 0) AS tubes, coalesce(c.samples, 0) AS samples,
        c.first_sample_at, c.last_sample_at, coalesce(w.faults, 0) AS faults,
        coalesce(w.faulty_tubes, 0) AS faulty_tubes, coalesce(c.site_codes, '{{}}') AS site_codes
    FROM (SELECT team_code FROM counted UNION SELECT team_code FROM awaited UNION SELECT '') n
    LEFT JOIN counted c ON c.team_code = n.team_code
    LEFT JOIN wrong w ON w.team_code = n.team_code
    LEFT JOIN awaited a ON a.team_code = n.team_code
    LEFT JOIN ingest.sampling_team s ON s.team_code = n.team_code
    ORDER BY n.team_code
"""
FIGURES: Final = {
    which: sql(_FIGURES.format(tubes=tubes(which, kept=KEPT), awaited=_AWAITED[which]))
    for which in ("day", "round")
}
