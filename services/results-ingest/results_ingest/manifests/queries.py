"""The statements of manifests; what differs is worked out when it is asked for."""

from typing import Final

from shared.db import sql

ADD = sql("""
INSERT INTO ingest.manifest (lab_code, manifest_no, day, tubes, digest, client_id, recorded_at)
VALUES (:lab_code, :manifest_no, :day, :tubes, :digest, :client_id, :now)
ON CONFLICT ON CONSTRAINT manifest_pkey DO NOTHING
""")
STORED = sql("""
SELECT lab_code, manifest_no, day, tubes, digest, recorded_at FROM ingest.manifest
WHERE lab_code = :lab_code AND manifest_no = :manifest_no
""")
ADD_TUBES = sql("""
INSERT INTO ingest.manifest_tube (tube_code, lab_code, day)
SELECT u.code, :lab_code, :day FROM unnest(CAST(:codes AS text[])) AS u (code) ORDER BY u.code
ON CONFLICT ON CONSTRAINT manifest_tube_pkey DO NOTHING
""")

# Results of tubes of the laboratories that have said what they tested: their batches lead to them, and a
# test's batch comes on its day or some days later.
_DIFFERENCES: Final = """
    WITH listed AS (
        SELECT m.lab_code, m.day, m.tube_code FROM ingest.manifest_tube m
        WHERE m.day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
            AND (CAST(:lab AS text) IS NULL OR m.lab_code = :lab)
    ), spoken AS (
        SELECT DISTINCT lab_code, day FROM listed
    ), arrived AS (
        SELECT DISTINCT b.lab_code, r.day, r.tube_code
        FROM (SELECT DISTINCT lab_code FROM spoken) l
        JOIN ingest.batch b ON b.lab_code = l.lab_code
            AND b.batch_id >= CAST(:low AS uuid) AND b.batch_id < CAST(:high AS uuid)
        CROSS JOIN LATERAL (
            SELECT CAST(timezone('Asia/Shanghai', x.tested_at) AS date) AS day, x.tube_code
            FROM ingest.result x
            WHERE x.batch_id = b.batch_id AND x.tube_code IS NOT NULL OFFSET 0
        ) r
    ), differing AS (
        SELECT l.lab_code, l.day, 'not_uploaded' AS kind, l.tube_code FROM listed l
        WHERE NOT EXISTS (
            SELECT FROM arrived a WHERE a.lab_code = l.lab_code AND a.tube_code = l.tube_code)
        UNION ALL
        SELECT a.lab_code, a.day, 'not_listed', a.tube_code FROM arrived a
        JOIN spoken s ON s.lab_code = a.lab_code AND s.day = a.day
        WHERE NOT EXISTS (
            SELECT FROM listed l WHERE l.lab_code = a.lab_code AND l.tube_code = a.tube_code)
        UNION ALL
        SELECT l.lab_code, l.day, 'not_registered', l.tube_code FROM listed l
        WHERE NOT EXISTS (SELECT FROM ingest.tube t WHERE t.current AND t.tube_code = l.tube_code)
    )
"""
_EXPLAINED: Final = """
    LEFT JOIN ingest.manifest_explanation e ON e.lab_code = d.lab_code AND e.day = d.day AND e.kind = d.kind
        AND e.tube_code = d.tube_code
"""
LIST = sql(f"""
{_DIFFERENCES}
SELECT d.lab_code, d.day, d.tube_code, d.kind, e.reason, e.at, p.place
FROM differing d {_EXPLAINED}
CROSS JOIN LATERAL (
    SELECT concat_ws('|', d.day, d.lab_code, d.kind, d.tube_code) COLLATE "C" AS place
) p
WHERE p.place > CAST(:after AS text) COLLATE "C"
    AND (CAST(:kind AS text) IS NULL OR d.kind = :kind)
    AND (NOT CAST(:open AS boolean) OR e.reason IS NULL)
ORDER BY p.place LIMIT :limit
""")
TOTALS = sql(f"""
{_DIFFERENCES}, counted AS (
    SELECT d.lab_code, d.day,
        count(*) FILTER (WHERE d.kind = 'not_uploaded' AND e.reason IS NULL) AS not_uploaded,
        count(*) FILTER (WHERE d.kind = 'not_listed' AND e.reason IS NULL) AS not_listed,
        count(*) FILTER (WHERE d.kind = 'not_registered' AND e.reason IS NULL) AS not_registered,
        count(e.reason) AS explained
    FROM differing d {_EXPLAINED} GROUP BY d.lab_code, d.day
)
SELECT s.lab_code, s.day,
    (SELECT count(*) FROM listed l WHERE l.lab_code = s.lab_code AND l.day = s.day) AS listed,
    (SELECT count(*) FROM arrived a WHERE a.lab_code = s.lab_code AND a.day = s.day) AS arrived,
    coalesce(c.not_uploaded, 0) AS not_uploaded, coalesce(c.not_listed, 0) AS not_listed,
    coalesce(c.not_registered, 0) AS not_registered, coalesce(c.explained, 0) AS explained
FROM spoken s LEFT JOIN counted c ON c.lab_code = s.lab_code AND c.day = s.day
ORDER BY s.day, s.lab_code
""")
OPEN = sql(f"""
{_DIFFERENCES}
SELECT d.tube_code FROM differing d
WHERE d.kind = :kind AND d.day = CAST(:first AS date) AND d.tube_code = ANY (CAST(:codes AS text[]))
""")
EXPLAIN = sql("""
INSERT INTO ingest.manifest_explanation (lab_code, day, kind, tube_code, reason, client_id, at)
SELECT :lab_code, :day, :kind, u.code, :reason, :client_id, :now
FROM unnest(CAST(:codes AS text[])) AS u (code) ORDER BY u.code
ON CONFLICT ON CONSTRAINT manifest_explanation_pkey DO UPDATE
SET reason = excluded.reason, client_id = excluded.client_id, at = excluded.at
""")
