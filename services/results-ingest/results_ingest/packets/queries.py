"""The statements of packets and of what is in them."""

from shared.db import sql

SITES = sql("SELECT site_code, township_code FROM ingest.site WHERE site_code = ANY(CAST(:codes AS text[]))")
LABS = sql("SELECT lab_code FROM ingest.lab WHERE active AND lab_code = ANY(CAST(:codes AS text[]))")

# Looked up one by one: what the planner knows of a table that is being filled sends it over every row.
TUBES = sql("""
SELECT t.tube_code, t.collected_at, coalesce(n.township_code, s.township_code) AS township_code,
    t.unit_code IS NULL AND t.site_code IS NULL AS nowhere
FROM unnest(CAST(:codes AS text[])) AS u (code)
CROSS JOIN LATERAL (
    SELECT x.tube_code, x.collected_at, x.site_code, x.unit_code FROM ingest.tube x
    WHERE x.current AND x.tube_code = u.code OFFSET 0
) t
LEFT JOIN ingest.site s ON s.site_code = t.site_code
LEFT JOIN ingest.unit n ON n.unit_code = t.unit_code
""")

INSERT = sql("""
INSERT INTO ingest.packet (packet_id, packet_code, site_code, lab_code, sealed_at, samples, paper_forms,
    digest, client_id, recorded_at)
SELECT u.*, :client_id, CAST(:now AS timestamptz)
FROM unnest(CAST(:packet_ids AS uuid[]), CAST(:packet_codes AS text[]), CAST(:site_codes AS text[]),
    CAST(:lab_codes AS text[]), CAST(:sealed_ats AS timestamptz[]), CAST(:samples AS integer[]),
    CAST(:paper_forms AS integer[]), CAST(:digests AS bytea[]))
    AS u (packet_id, packet_code, site_code, lab_code, sealed_at, samples, paper_forms, digest)
ORDER BY u.packet_code
ON CONFLICT (packet_code) DO NOTHING
RETURNING packet_id
""")
DIGESTS = sql("SELECT packet_code, digest FROM ingest.packet WHERE packet_code = ANY(CAST(:codes AS text[]))")

# A tube code stands for another tube after so long (contract §5), which may be in another packet.
LET_GO = sql("""
UPDATE ingest.packet_tube h SET standing = 'past'
FROM (
    SELECT x.packet_id, x.tube_code
    FROM unnest(CAST(:codes AS text[])) AS u (code)
    CROSS JOIN LATERAL (
        SELECT y.packet_id, y.tube_code FROM ingest.packet_tube y
        WHERE y.standing IN ('listed', 'extra') AND y.tube_code = u.code OFFSET 0
    ) x
    CROSS JOIN LATERAL (
        SELECT FROM ingest.packet p
        WHERE p.packet_id = x.packet_id AND p.sealed_at <= CAST(:before AS timestamptz) OFFSET 0
    ) p
    OFFSET 0
) o
WHERE h.packet_id = o.packet_id AND h.tube_code = o.tube_code
""")
# In the order of the codes, so that two lists that share tubes wait for each other and never both.
PUT_TUBES = sql("""
INSERT INTO ingest.packet_tube (packet_id, tube_code, standing)
SELECT u.packet_id, u.tube_code, :standing
FROM unnest(CAST(:packet_ids AS uuid[]), CAST(:codes AS text[])) AS u (packet_id, tube_code)
ORDER BY u.tube_code
ON CONFLICT (tube_code) WHERE standing IN ('listed', 'extra') DO NOTHING
RETURNING packet_id, tube_code
""")
DROP_TUBES = sql("DELETE FROM ingest.packet_tube WHERE packet_id = ANY(CAST(:packet_ids AS uuid[]))")
DROP = sql("DELETE FROM ingest.packet WHERE packet_id = ANY(CAST(:packet_ids AS uuid[]))")

ADD_STEPS = sql("""
INSERT INTO ingest.packet_step (packet_id, n, kind, at, recorded_at, client_id, content, digest, sealed_note)
SELECT u.packet_id, u.n, :kind, u.at, CAST(:now AS timestamptz), :client_id, CAST(u.content AS jsonb),
    u.digest, u.sealed_note
FROM unnest(CAST(:packet_ids AS uuid[]), CAST(:ns AS integer[]), CAST(:ats AS timestamptz[]),
    CAST(:contents AS text[]), CAST(:digests AS bytea[]), CAST(:sealed_notes AS bytea[]))
    AS u (packet_id, n, at, content, digest, sealed_note)
""")

_SIGHT = """
    (CAST(:lab AS text) IS NULL OR p.lab_code = :lab)
    AND (NOT CAST(:limited AS boolean) OR s.township_code = CAST(:township AS text))
"""
_COLUMNS = """
    p.packet_id, p.packet_code, p.site_code, p.lab_code, p.state, p.sealed_at, p.handed_at, p.received_at,
    p.refused_at, p.closed_at, p.samples, p.paper_forms, p.explained
"""
_FROM = "FROM ingest.packet p LEFT JOIN ingest.site s ON s.site_code = p.site_code"

ONE = sql(f"SELECT {_COLUMNS} {_FROM} WHERE p.packet_code = :packet_code AND {_SIGHT}")
LOCKED = sql(
    f"SELECT {_COLUMNS} {_FROM} WHERE p.packet_code = :packet_code AND {_SIGHT} FOR NO KEY UPDATE OF p"
)
PAGE = sql(f"""
SELECT {_COLUMNS} {_FROM}
WHERE {_SIGHT} AND p.packet_id > CAST(:after AS uuid)
    AND (CAST(:state AS text) IS NULL OR p.state = :state)
    AND (CAST(:site_code AS text) IS NULL OR p.site_code = :site_code)
    AND (CAST(:lab_code AS text) IS NULL OR p.lab_code = :lab_code)
ORDER BY p.packet_id LIMIT :limit
""")

# Whose tubes they are is not asked: only numbers are told, and a laboratory sees no tubes.
COUNTS = sql("""
SELECT h.packet_id,
    count(*) FILTER (WHERE h.standing <> 'past') AS listed,
    count(*) FILTER (WHERE h.standing = 'missing') AS missing,
    count(*) FILTER (WHERE h.standing = 'extra') AS extra,
    count(t.tube_id) FILTER (WHERE h.standing <> 'past') AS electronic
FROM ingest.packet_tube h
LEFT JOIN ingest.tube t ON t.current AND t.tube_code = h.tube_code
WHERE h.packet_id = ANY(CAST(:packet_ids AS uuid[]))
GROUP BY h.packet_id
""")
TUBE_PAGE = sql("""
SELECT h.tube_code, h.standing,
    EXISTS (SELECT FROM ingest.tube t WHERE t.current AND t.tube_code = h.tube_code) AS registered
FROM ingest.packet_tube h
WHERE h.packet_id = :packet_id AND h.tube_code > :after ORDER BY h.tube_code LIMIT :limit
""")
STEPS = sql("""
SELECT kind, at, recorded_at, client_id, content, sealed_note, digest, n FROM ingest.packet_step
WHERE packet_id = :packet_id ORDER BY n
""")
