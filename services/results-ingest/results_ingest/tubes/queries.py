"""The statements of tubes and sites."""

from shared.db import sql

SITE_KINDS = sql("SELECT site_code, kind FROM ingest.site WHERE site_code = ANY(CAST(:codes AS text[]))")

# Asked only for clients with an area. A site lies in a township and in no department.
DRILLS = sql("""
SELECT round_code FROM ingest.round WHERE drill AND round_code = ANY (CAST(:codes AS text[]))
""")
UNITS_OUTSIDE = sql("""
SELECT c.code FROM unnest(CAST(:codes AS text[])) AS c (code)
WHERE NOT EXISTS (SELECT FROM ingest.unit u WHERE u.unit_code = c.code
    AND (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department))
""")
SITES_OUTSIDE = sql("""
SELECT c.code FROM unnest(CAST(:codes AS text[])) AS c (code)
WHERE NOT EXISTS (SELECT FROM ingest.site s WHERE s.site_code = c.code AND s.township_code = :township)
""")

CURRENT = sql("""
SELECT tube_id, tube_code, digest, registered_at FROM ingest.tube
WHERE current AND tube_code = ANY(CAST(:codes AS text[]))
""")

# Codes that look like a health code but are tubes: a pool of pools by another name.
TUBES_AMONG = sql("""
SELECT t.tube_code FROM unnest(CAST(:codes AS text[])) AS u (code)
CROSS JOIN LATERAL (
    SELECT x.tube_code FROM ingest.tube x WHERE x.current AND x.tube_code = u.code OFFSET 0
) t
WHERE NOT EXISTS (SELECT FROM ingest.identity_code c WHERE c.health_code_id = u.code)
""")

RETIRE = sql("UPDATE ingest.tube SET current = false WHERE current AND tube_id = ANY(CAST(:tubes AS uuid[]))")

INSERT = sql("""
INSERT INTO ingest.tube (tube_id, tube_code, mode, capacity, subject, collected_at, dispatched_at, site_code,
    lab_code, unit_code, sample_kind, paired_with, packet_code, round_code, members, result_due_at, digest,
    client_id, registered_at)
SELECT * FROM jsonb_to_recordset(CAST(:tubes AS jsonb)) AS u (tube_id uuid, tube_code text, mode text,
    capacity smallint, subject text, collected_at timestamptz, dispatched_at timestamptz, site_code text,
    lab_code text, unit_code text, sample_kind text, paired_with text, packet_code text, round_code text,
    members smallint, result_due_at timestamptz, digest bytea, client_id text, registered_at timestamptz)
ORDER BY u.tube_code
ON CONFLICT (tube_code) WHERE current DO NOTHING
RETURNING tube_id
""")

INSERT_MEMBERS = sql("""
INSERT INTO ingest.tube_member (tube_id, position, match_key, health_code_id, id_type, id_index, name_index,
    code_color, travel_star, origin, destination, sealed, added_at)
SELECT * FROM jsonb_to_recordset(CAST(:members AS jsonb)) AS u (tube_id uuid, position smallint,
    match_key text, health_code_id text, id_type text, id_index bytea, name_index bytea,
    code_color text, travel_star boolean, origin text, destination text, sealed bytea, added_at timestamptz)
""")

LOCK_ONE = sql("""
SELECT t.tube_id, t.tube_code, t.mode, t.capacity, t.subject, t.site_code, s.kind AS site_kind,
    s.township_code AS site_township, u.township_code, u.department_code
FROM ingest.tube t
LEFT JOIN ingest.site s ON s.site_code = t.site_code
LEFT JOIN ingest.unit u ON u.unit_code = t.unit_code
WHERE t.current AND t.tube_code = :tube_code FOR NO KEY UPDATE OF t
""")
IS_RESULTED = sql("""
SELECT EXISTS (SELECT FROM ingest.tube_result r WHERE r.tube_id = :tube_id AND NOT r.superseded)
""")
MEMBER_KEYS = sql("SELECT match_key FROM ingest.tube_member WHERE tube_id = :tube_id")
COUNT_MEMBERS = sql("UPDATE ingest.tube SET members = members + :more WHERE tube_id = :tube_id")

GET = sql("""
SELECT t.*, s.kind AS site_kind, s.township_code AS site_township,
    u.township_code, u.department_code,
    (SELECT count(*) FROM ingest.tube_member m WHERE m.tube_id = t.tube_id AND m.person_id IS NOT NULL)
        AS members_known,
    (SELECT p.team_code FROM ingest.team_posting p
     WHERE p.site_code = t.site_code AND p.withdrawn_at IS NULL
        AND p.begins_at <= t.collected_at AND t.collected_at < p.ends_at
     LIMIT 1) AS team_code
FROM ingest.tube t
LEFT JOIN ingest.site s ON s.site_code = t.site_code
LEFT JOIN ingest.unit u ON u.unit_code = t.unit_code
WHERE t.current AND t.tube_code = :tube_code
""")
# A single beside a pool is only kept, until the pool turns out other than negative.
IS_RETAINED = sql("""
SELECT NOT EXISTS (
    SELECT FROM ingest.tube_result x
    JOIN ingest.result r ON r.batch_id = x.batch_id AND r."row" = x."row"
    WHERE x.tube_id = p.tube_id AND NOT x.superseded AND r.outcome <> 'negative'
)
FROM ingest.tube p
WHERE p.current AND p.mode = 'mixed'
    AND (p.tube_code = CAST(:paired_with AS text) OR p.paired_with = :tube_code)
LIMIT 1
""")
RESULTS = sql("""
SELECT r.batch_id, r."row", r.lab_code, r.outcome, r.test_kind, r.code, r.received_at, r.tested_at,
    r.released_at, r.reported_at
FROM ingest.tube_result x
CROSS JOIN LATERAL (
    SELECT y.* FROM ingest.result y WHERE y.batch_id = x.batch_id AND y."row" = x."row" OFFSET 0
) r
WHERE x.tube_id = :tube_id AND NOT x.superseded ORDER BY r.reported_at, r.batch_id, r."row"
""")
WAITING = sql("""
SELECT w.kind, w.code, r.lab_code, r.received_at, r.tested_at, r.reported_at
FROM ingest.unmatched w
CROSS JOIN LATERAL (
    SELECT y.* FROM ingest.result y WHERE y.batch_id = w.batch_id AND y."row" = w."row" OFFSET 0
) r
WHERE w.state = 'open' AND w.match_key = :match_key ORDER BY w.id
""")

PACKET = sql("""
SELECT p.packet_code, p.state, p.sealed_at, p.handed_at, p.received_at
FROM ingest.packet_tube h JOIN ingest.packet p ON p.packet_id = h.packet_id
WHERE h.standing IN ('listed', 'extra') AND h.tube_code = :tube_code
""")

PUT_SITE = sql("""
INSERT INTO ingest.site (site_code, name, kind, township_code)
VALUES (:site_code, :name, :kind, CAST(:township_code AS text)) ON CONFLICT (site_code) DO NOTHING
""")
SITE = sql("SELECT site_code, name, kind, township_code FROM ingest.site WHERE site_code = :site_code")
SITES = sql("""
SELECT site_code, name, kind, township_code FROM ingest.site
WHERE site_code > :after
    AND (NOT CAST(:limited AS boolean) OR township_code = CAST(:township AS text))
ORDER BY site_code LIMIT :limit
""")
