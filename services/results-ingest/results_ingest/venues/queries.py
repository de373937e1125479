"""The statements of venues and their reports."""

from shared.db import sql

# The same arithmetic as shared.result_ids.result_id.
OF_RESULT = (
    """CAST(left(CAST(y.batch_id AS text), 32) || lpad(to_hex(CAST(y."row" AS integer)), 4, '0') AS uuid)"""
)

_AREA = """
    (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
"""

BIND = sql(f"""
INSERT INTO ingest.venue (client_id, unit_code, bound_by, bound_at)
SELECT :client_id, u.unit_code, :bound_by, :now FROM ingest.unit u WHERE u.unit_code = :unit_code AND {_AREA}
ON CONFLICT (client_id) DO NOTHING
""")
BOUND = sql("SELECT unit_code FROM ingest.venue WHERE client_id = :client_id")
UNBIND = sql(f"""
DELETE FROM ingest.venue v USING ingest.unit u
WHERE v.client_id = :client_id AND u.unit_code = v.unit_code AND {_AREA}
RETURNING v.unit_code
""")
VENUES = sql(f"""
SELECT v.client_id, v.unit_code, v.bound_at FROM ingest.venue v JOIN ingest.unit u USING (unit_code)
WHERE v.client_id > :after AND {_AREA}
ORDER BY v.client_id LIMIT :limit
""")

ADD = sql("""
INSERT INTO ingest.venue_report (report_id, unit_code, report_no, day, people, environment, surfaces, goods,
    client_id, reported_at)
VALUES (:report_id, :unit_code, :report_no, :day, :people, :environment, :surfaces, :goods, :client_id, :now)
ON CONFLICT ON CONSTRAINT venue_report_once DO NOTHING
""")
SAME = sql("""
SELECT r.report_id, r.day, r.people, r.environment, r.surfaces, r.goods, r.reported_at,
    ARRAY(SELECT t.tube_code FROM ingest.venue_sample s JOIN ingest.tube t USING (tube_id)
          WHERE s.report_id = r.report_id) AS tube_codes
FROM ingest.venue_report r WHERE r.unit_code = :unit_code AND r.report_no = :report_no
""")
ADD_SAMPLES = sql("""
INSERT INTO ingest.venue_sample (tube_id, report_id, kind)
SELECT t.tube_id, :report_id, u.kind
FROM unnest(CAST(:codes AS text[]), CAST(:kinds AS text[])) AS u (tube_code, kind)
JOIN ingest.tube t ON t.current AND t.tube_code = u.tube_code
ORDER BY t.tube_id
ON CONFLICT (tube_id) DO NOTHING
""")

# Of a tube's results the one that is not negative speaks, unless a review has refuted it.
PAGE = sql(f"""
SELECT r.report_id, r.report_no, r.unit_code, u.township_code, u.department_code, r.day, r.people,
    r.environment, r.surfaces, r.goods, r.reported_at, k.results
FROM ingest.venue_report r
JOIN ingest.unit u USING (unit_code)
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(g.kind, jsonb_build_object('samples', g.samples, 'resulted', g.resulted,
        'not_negative', g.not_negative)), '{{}}') AS results
    FROM (
        SELECT s.kind, count(*) AS samples, count(o.negative) AS resulted,
            count(*) FILTER (WHERE NOT o.negative) AS not_negative
        FROM ingest.venue_sample s
        LEFT JOIN LATERAL (
            SELECT y.outcome = 'negative' OR coalesce(v.verdict = 'refuted', false) AS negative
            FROM ingest.tube_result x
            JOIN ingest.result y ON y.batch_id = x.batch_id AND y."row" = x."row"
            LEFT JOIN ingest.review v ON v.result_id = {OF_RESULT}
            WHERE x.tube_id = s.tube_id AND NOT x.superseded AND y.outcome <> 'invalid'
            ORDER BY 1 LIMIT 1
        ) o ON true
        WHERE s.report_id = r.report_id GROUP BY s.kind
    ) g
) k
WHERE r.report_id > :after AND {_AREA}
    AND (CAST(:unit_code AS text) IS NULL OR r.unit_code = :unit_code)
    AND (CAST(:first AS date) IS NULL OR r.day >= :first)
    AND (CAST(:last AS date) IS NULL OR r.day <= :last)
ORDER BY r.report_id LIMIT :limit
""")
SILENT = sql(f"""
SELECT v.unit_code, u.township_code, u.department_code,
    (SELECT max(r.day) FROM ingest.venue_report r
     WHERE r.unit_code = v.unit_code AND r.day < :day) AS last_day
FROM (SELECT DISTINCT unit_code FROM ingest.venue) v
JOIN ingest.unit u USING (unit_code)
WHERE v.unit_code > :after AND {_AREA}
    AND NOT EXISTS (SELECT FROM ingest.venue_report r WHERE r.unit_code = v.unit_code AND r.day = :day)
ORDER BY v.unit_code LIMIT :limit
""")
