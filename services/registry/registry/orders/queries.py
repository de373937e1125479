"""Statements over orders."""

from shared.db import sql

# Where it happens, else where the person works, else where they live, answers for the sample.
OPEN = sql("""
    INSERT INTO registry.test_order
        (event_id, person_id, kind, unit_code, township_code, opened_at, registered_at)
    SELECT :event_id, CAST(:person_id AS uuid), :kind, u.unit_code,
        coalesce(u.township_code, d.township_code), :opened_at, :now
    FROM (SELECT 1) one
    LEFT JOIN LATERAL (
        SELECT x.unit_code, x.township_code FROM registry.unit x
        WHERE x.unit_code = coalesce(CAST(:unit_code AS text), (
            SELECT e.unit_code FROM registry.enrolment e
            WHERE e.person_id = :person_id AND e.unit_code IS NOT NULL
                AND (e.left_on IS NULL OR e.left_on > CAST(:today AS date))
            ORDER BY e.enrolled_on DESC, e.unit_code LIMIT 1))
    ) u ON true
    LEFT JOIN registry.residence r ON r.person_id = :person_id AND r.to_on IS NULL
    LEFT JOIN registry.division d ON d.division_code = r.grid_code
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id
""")

# Whatever was found for the old time is looked for again.
MOVE = sql("""
    UPDATE registry.test_order
    SET opened_at = :opened_at, sampled_at = NULL, resulted_at = NULL, state = 'open', revision = revision + 1
    WHERE event_id = :event_id AND state <> 'ended'
    RETURNING event_id
""")
END = sql("""
    UPDATE registry.test_order SET state = 'ended', revision = revision + 1
    WHERE event_id = :event_id AND state IN ('open', 'sampled')
    RETURNING event_id
""")

# A sample taken since counts, and the first result of a PCR; what is told without a tube is both.
FOUND = sql("""
    UPDATE registry.test_order t
    SET sampled_at = f.sampled_at, resulted_at = f.resulted_at, revision = t.revision + 1,
        state = CASE WHEN f.resulted_at IS NOT NULL THEN 'resulted' ELSE 'sampled' END
    FROM (
        SELECT o.event_id, e.sampled_at, e.resulted_at
        FROM registry.test_order o
        CROSS JOIN LATERAL (
            SELECT min(x.collected_at) AS sampled_at,
                min(x.reported_at) FILTER (WHERE x.kind = 'result' AND x.test_kind = 'pcr'
                    AND x.outcome <> 'invalid') AS resulted_at
            FROM registry.ledger_entry x
            WHERE x.person_id = o.person_id AND x.kind IN ('sample', 'result')
                AND x.collected_at >= o.opened_at
        ) e
        WHERE o.state IN ('open', 'sampled') AND o.opened_at > CAST(:since AS timestamptz)
            AND (e.sampled_at IS DISTINCT FROM o.sampled_at OR e.resulted_at IS NOT NULL)
        ORDER BY o.event_id LIMIT :most FOR NO KEY UPDATE OF o SKIP LOCKED
    ) f
    WHERE t.event_id = f.event_id AND f.sampled_at IS NOT NULL
    RETURNING t.event_id
""")

TOLD = sql("""
    SELECT event_id, revision, kind, person_id, unit_code, township_code, opened_at, registered_at, state,
        sampled_at, resulted_at
    FROM registry.test_order WHERE event_id = ANY(CAST(:event_ids AS uuid[])) ORDER BY event_id
""")
