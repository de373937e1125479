"""Statements over registry.round, its grids and the samples of drills."""

from typing import Final

from shared.db import sql

_ROUND: Final = """round_code, name, division_codes, township_code, drill, starts_at, deadline_at,
    setup_hours, state, activated_at, ended_at, revision"""

INSERT = sql(f"""
    INSERT INTO registry.round
        (round_code, name, division_codes, township_code, drill, starts_at, deadline_at, setup_hours, state,
         created_by, created_at)
    VALUES (:round_code, :name, CAST(:division_codes AS text[]), :township_code, :drill, :starts_at,
        :deadline_at, :setup_hours, 'planned', :by, :now)
    ON CONFLICT (round_code) DO NOTHING
    RETURNING {_ROUND}
""")

BY_CODE = sql(f"SELECT {_ROUND} FROM registry.round WHERE round_code = :round_code")

_SEEN: Final = """
    (NOT CAST(:limited AS boolean) OR r.township_code = :area_township
     OR EXISTS (SELECT FROM registry.round_grid g
                WHERE g.round_code = r.round_code AND g.township_code = :area_township))
"""

LOCK = sql(f"""
    SELECT {_ROUND} FROM registry.round r WHERE round_code = :round_code AND {_SEEN} FOR NO KEY UPDATE
""")

SEEN = sql(f"SELECT {_ROUND} FROM registry.round r WHERE round_code = :round_code AND {_SEEN}")

PAGE = sql(f"""
    SELECT {_ROUND} FROM registry.round r
    WHERE round_code > :after AND (CAST(:state AS text) IS NULL OR state = :state) AND {_SEEN}
    ORDER BY round_code
    LIMIT :limit
""")

STEP = sql(f"""
    UPDATE registry.round
    SET state = :state, revision = revision + 1,
        activated_at = CASE WHEN :state = 'active' THEN CAST(:now AS timestamptz) ELSE activated_at END,
        activated_by = CASE WHEN :state = 'active' THEN :by ELSE activated_by END,
        ended_at = CASE WHEN :state = 'active' THEN ended_at ELSE CAST(:now AS timestamptz) END,
        ended_by = CASE WHEN :state = 'active' THEN ended_by ELSE :by END
    WHERE round_code = :round_code
    RETURNING {_ROUND}
""")

ADD_GRIDS = sql("""
    INSERT INTO registry.round_grid (round_code, grid_code, township_code, head_count, lab_code, team_code)
    SELECT :round_code, division_code, township_code, head_count, lab_code, team_code
    FROM registry.division WHERE division_code = ANY (CAST(:grids AS text[]))
    ON CONFLICT (round_code, grid_code) DO NOTHING
""")

READY = sql("""
    UPDATE registry.round_grid
    SET ready_at = coalesce(ready_at, :now), ready_by = coalesce(ready_by, :by)
    WHERE round_code = :round_code AND grid_code = :grid_code
      AND (NOT CAST(:limited AS boolean) OR township_code = :area_township)
    RETURNING grid_code
""")

# `:due_at` is null before the start: then nobody is late and nobody ready.
_READINESS: Final = """
    CASE WHEN g.ready_at IS NULL AND :now > CAST(:due_at AS timestamptz) THEN 'late'
         WHEN g.ready_at IS NULL THEN 'waiting'
         WHEN g.ready_at > CAST(:due_at AS timestamptz) THEN 'ready_late' ELSE 'ready' END
"""

GRIDS = sql(f"""
    SELECT g.grid_code, d.name, g.township_code, g.head_count, g.lab_code, g.team_code, g.ready_at,
           greatest(g.head_count, g.residents) AS expected, g.residents, g.sampled, g.resulted, g.counted_at
    FROM registry.round_grid g JOIN registry.division d ON d.division_code = g.grid_code
    WHERE g.round_code = :round_code AND g.grid_code > :after
      AND (NOT CAST(:limited AS boolean) OR g.township_code = :area_township)
      AND (CAST(:readiness AS text) IS NULL OR {_READINESS} = :readiness)
    ORDER BY g.grid_code
    LIMIT :limit
""")

TOTALS = sql(f"""
    SELECT count(*) AS grids,
           count(*) FILTER (WHERE g.ready_at IS NOT NULL) AS ready,
           count(*) FILTER (WHERE {_READINESS} IN ('late', 'ready_late')) AS late,
           coalesce(sum(g.head_count), 0) AS head_count,
           CAST(sum(greatest(g.head_count, g.residents)) AS bigint) AS expected,
           sum(g.residents) AS residents, sum(g.sampled) AS sampled, sum(g.resulted) AS resulted,
           CASE WHEN bool_and(g.counted_at IS NOT NULL) THEN min(g.counted_at) END AS counted_at
    FROM registry.round_grid g
    WHERE g.round_code = :round_code AND (NOT CAST(:limited AS boolean) OR g.township_code = :area_township)
""")

# A drill's people are in drill_sample and nowhere else; the ledger of a real round knows of no drill.
_SAMPLED: Final = """
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS sampled,
               coalesce(bool_or(l.kind = 'result' AND l.outcome <> 'invalid'), false) AS resulted
        FROM registry.ledger_entry l
        WHERE NOT CAST(:drill AS boolean) AND l.person_id = r.person_id AND l.kind IN ('sample', 'result')
          AND l.collected_at >= :from_at
          AND l.collected_at < coalesce(CAST(:to_at AS timestamptz), 'infinity')
        UNION ALL
        SELECT count(*) > 0, false FROM registry.drill_sample x
        WHERE CAST(:drill AS boolean) AND x.round_code = :round_code AND x.person_id = r.person_id
    ) s
"""

COUNT = sql(f"""
    UPDATE registry.round_grid g
    SET residents = c.residents, sampled = c.sampled, resulted = c.resulted, counted_at = :now
    FROM (SELECT count(DISTINCT r.person_id) AS residents,
                 count(DISTINCT r.person_id) FILTER (WHERE s.sampled) AS sampled,
                 count(DISTINCT r.person_id) FILTER (WHERE s.resulted) AS resulted
          FROM registry.residence r {_SAMPLED}
          WHERE r.grid_code = :grid_code AND r.to_on IS NULL) c
    WHERE g.round_code = :round_code AND g.grid_code = :grid_code
""")

MISSING = sql(f"""
    SELECT p.person_id, p.health_code_id, p.sealed_contact
    FROM registry.residence r JOIN registry.person p USING (person_id)
    CROSS JOIN LATERAL (SELECT bool_or(s.sampled) AS sampled FROM (SELECT 1) one {_SAMPLED}) t
    WHERE r.grid_code = :grid_code AND r.to_on IS NULL AND NOT t.sampled AND r.person_id > :after
    ORDER BY r.person_id
    LIMIT :limit
""")

OF_ROUND = sql("""
    SELECT 1 FROM registry.round_grid
    WHERE round_code = :round_code AND grid_code = :grid_code
      AND (NOT CAST(:limited AS boolean) OR township_code = :area_township)
""")

# The oldest counts first; a round that has ended is counted once more after its end.
STALE = sql("""
    SELECT g.round_code, g.grid_code, r.drill, r.starts_at, r.ended_at
    FROM registry.round_grid g JOIN registry.round r USING (round_code)
    WHERE (r.state = 'active' AND (g.counted_at IS NULL OR g.counted_at <= :before))
       OR (r.state = 'closed' AND (g.counted_at IS NULL OR g.counted_at < r.ended_at))
    ORDER BY g.counted_at NULLS FIRST, g.round_code, g.grid_code
    LIMIT :limit
    FOR NO KEY UPDATE OF g SKIP LOCKED
""")

FIND_RESIDENTS = sql("""
    SELECT p.health_code_id, p.person_id
    FROM registry.person p JOIN registry.residence r USING (person_id)
    JOIN registry.round_grid g ON g.grid_code = r.grid_code AND g.round_code = :round_code
    WHERE p.health_code_id = ANY (CAST(:codes AS text[])) AND r.to_on IS NULL
      AND (NOT CAST(:limited AS boolean) OR g.township_code = :area_township)
""")

ADD_DRILL_SAMPLES = sql("""
    INSERT INTO registry.drill_sample (round_code, person_id, sampled_at, created_by)
    SELECT :round_code, person_id, :now, :by FROM unnest(CAST(:people AS uuid[])) AS p (person_id)
    ORDER BY person_id
    ON CONFLICT (round_code, person_id) DO NOTHING
""")

HEADS = sql("""
    SELECT grid_code, township_code, lab_code, head_count AS expected, team_code FROM registry.round_grid
    WHERE round_code = :round_code ORDER BY grid_code
""")

# One at a time: a round that runs is told of every so often, one that has ended once more when it is counted.
TO_TELL = sql("""
    SELECT round_code, name, drill, deadline_at, state FROM registry.round r
    WHERE ((r.state = 'active' AND coalesce(r.told_at, r.activated_at) <= :before)
           OR (r.state = 'closed' AND (r.told_at IS NULL OR r.told_at < r.ended_at)))
      AND NOT EXISTS (
          SELECT FROM registry.round_grid g WHERE g.round_code = r.round_code
            AND (g.counted_at IS NULL OR (r.state = 'closed' AND g.counted_at < r.ended_at)))
    ORDER BY r.round_code LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
""")
TOLD = sql("UPDATE registry.round SET told_at = :now WHERE round_code = :round_code")
COVERAGE = sql("""
    SELECT grid_code, township_code, greatest(head_count, residents) AS expected, residents, sampled, resulted
    FROM registry.round_grid WHERE round_code = :round_code ORDER BY grid_code
""")
