"""The statements of the projections."""

from shared.db import sql

LOCK_KNOWN = sql("""
SELECT person_id, health_code_id, version FROM ingest.identity
WHERE person_id = ANY(CAST(:people AS uuid[])) ORDER BY person_id FOR UPDATE
""")

# In person order, so that two messages about the same people wait and never deadlock.
PUT = sql("""
INSERT INTO ingest.identity AS i (person_id, health_code_id, id_type, id_index, name_index, version)
SELECT * FROM unnest(CAST(:people AS uuid[]), CAST(:codes AS text[]), CAST(:types AS text[]),
    CAST(:ids AS bytea[]), CAST(:names AS bytea[]), CAST(:versions AS bigint[]))
ON CONFLICT (person_id) DO UPDATE SET health_code_id = excluded.health_code_id, id_type = excluded.id_type,
    id_index = excluded.id_index, name_index = excluded.name_index, version = excluded.version
WHERE i.version < excluded.version
""")

# A code leads to whoever holds it now; without a holder it goes on leading to the last one.
POINT_CODES = sql("""
INSERT INTO ingest.identity_code AS c (health_code_id, person_id, version)
SELECT h.health_code_id, h.person_id, h.version FROM (
    SELECT DISTINCT ON (u.code) i.health_code_id, i.person_id, i.version
    FROM unnest(CAST(:codes AS text[])) AS u (code)
    CROSS JOIN LATERAL (
        SELECT x.health_code_id, x.person_id, x.version FROM ingest.identity x
        WHERE x.health_code_id = u.code OFFSET 0
    ) i
    ORDER BY u.code, i.person_id
) h
ON CONFLICT (health_code_id) DO UPDATE SET person_id = excluded.person_id, version = excluded.version
WHERE (c.person_id, c.version) IS DISTINCT FROM (excluded.person_id, excluded.version)
""")

# An older version that came late: its code is an alias, unless it is somebody's.
KEEP_ALIASES = sql("""
INSERT INTO ingest.identity_code (health_code_id, person_id, version)
SELECT DISTINCT ON (u.code) u.code, u.person_id, u.version
FROM unnest(CAST(:codes AS text[]), CAST(:people AS uuid[]), CAST(:versions AS bigint[]))
    AS u (code, person_id, version)
ORDER BY u.code, u.person_id
ON CONFLICT (health_code_id) DO NOTHING
""")

PUT_UNIT = sql("""
INSERT INTO ingest.unit AS u (unit_code, township_code, department_code, revision)
VALUES (:unit_code, :township_code, :department_code, :revision)
ON CONFLICT (unit_code) DO UPDATE SET township_code = excluded.township_code,
    department_code = excluded.department_code, revision = excluded.revision
WHERE u.revision < excluded.revision
""")

PUT_ROUND = sql("""
INSERT INTO ingest.round AS r (round_code, drill, state, revision, title, township_code, starts_at,
    deadline_at, activated_at, setup_due_at, ended_at)
VALUES (:round_code, :drill, :state, :revision, CAST(:title AS text), CAST(:township_code AS text),
    CAST(:starts_at AS timestamptz), CAST(:deadline_at AS timestamptz), CAST(:activated_at AS timestamptz),
    CAST(:setup_due_at AS timestamptz), CAST(:ended_at AS timestamptz))
ON CONFLICT (round_code) DO UPDATE SET drill = excluded.drill, state = excluded.state,
    revision = excluded.revision, title = excluded.title, township_code = excluded.township_code,
    starts_at = excluded.starts_at, deadline_at = excluded.deadline_at,
    activated_at = excluded.activated_at, setup_due_at = excluded.setup_due_at, ended_at = excluded.ended_at
WHERE r.revision < excluded.revision
""")
# A grid of a round stays what it was when the round began.
PUT_GRIDS = sql("""
INSERT INTO ingest.round_grid (round_code, grid_code, township_code, lab_code, expected, team_code)
SELECT :round_code, u.grid_code, u.township_code, u.lab_code, u.expected, u.team_code
FROM unnest(CAST(:grids AS text[]), CAST(:towns AS text[]), CAST(:labs AS text[]), CAST(:heads AS integer[]),
    CAST(:teams AS text[])) AS u (grid_code, township_code, lab_code, expected, team_code)
ORDER BY u.grid_code ON CONFLICT ON CONSTRAINT round_grid_pkey DO NOTHING
""")
COUNT_GRIDS = sql("""
UPDATE ingest.round_grid g SET residents = u.residents, sampled = u.sampled, resulted = u.resulted,
    expected = u.expected, counted_at = CAST(:as_of AS timestamptz)
FROM unnest(CAST(:grids AS text[]), CAST(:heads AS integer[]), CAST(:residents AS integer[]),
    CAST(:sampled AS integer[]), CAST(:resulted AS integer[]))
    AS u (grid_code, expected, residents, sampled, resulted)
WHERE g.round_code = :round_code AND g.grid_code = u.grid_code
    AND (g.counted_at IS NULL OR g.counted_at < CAST(:as_of AS timestamptz))
""")


PUT_DEPARTMENT = sql("""
INSERT INTO ingest.department AS d (code, level, parent_code, revision)
VALUES (:code, :level, :parent_code, :revision)
ON CONFLICT (code) DO UPDATE SET level = excluded.level, parent_code = excluded.parent_code,
    revision = excluded.revision
WHERE d.revision < excluded.revision
""")
