"""The statements of lots. Where a lot stands is worked out from its steps and its tubes' results."""

from typing import Final

from shared.db import sql

_AREA: Final = """
    (CAST(:township AS text) IS NULL OR u.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
"""
# Of a tube's results the one that is not negative speaks, unless it is refuted; a void tube is none.
_TUBES: Final = """
    SELECT k.lot_code, t.tube_code, t.sample_kind, o.negative
    FROM ingest.lot_tube k JOIN ingest.tube t ON t.tube_id = k.tube_id
    LEFT JOIN LATERAL (
        SELECT y.outcome = 'negative' OR coalesce(v.verdict = 'refuted', false) AS negative
        FROM ingest.tube_result x
        JOIN ingest.result y ON y.batch_id = x.batch_id AND y."row" = x."row"
        LEFT JOIN ingest.review v ON v.result_id = CAST(left(CAST(y.batch_id AS text), 32)
            || lpad(to_hex(CAST(y."row" AS integer)), 4, '0') AS uuid)
        WHERE x.tube_id = k.tube_id AND NOT x.superseded AND y.outcome <> 'invalid'
        ORDER BY 1 LIMIT 1
    ) o ON true
    WHERE NOT EXISTS (SELECT FROM ingest.tube_void w WHERE w.tube_id = k.tube_id)
"""
_LOTS: Final = f"""
    SELECT l.lot_code, l.unit_code, l.goods, l.arrived_at, d.reported_at, d.disinfected_at, d.released_at,
        c.samples, c.resulted, c.not_negative,
        CASE WHEN c.not_negative > 0 THEN 'not_negative'
             WHEN d.released_at IS NOT NULL THEN 'released'
             WHEN c.samples = 0 THEN 'arrived'
             WHEN c.resulted = c.samples THEN 'negative' ELSE 'sampled' END AS state
    FROM ingest.lot l
    JOIN ingest.unit u ON u.unit_code = l.unit_code
    CROSS JOIN LATERAL (
        SELECT min(s.at) FILTER (WHERE s.kind = 'reported') AS reported_at,
            max(s.at) FILTER (WHERE s.kind = 'disinfected') AS disinfected_at,
            max(s.at) FILTER (WHERE s.kind = 'released') AS released_at
        FROM ingest.lot_step s WHERE s.lot_code = l.lot_code
    ) d
    CROSS JOIN LATERAL (
        SELECT count(*) AS samples, count(x.negative) AS resulted,
            count(*) FILTER (WHERE NOT x.negative) AS not_negative
        FROM ({_TUBES}) x WHERE x.lot_code = l.lot_code
    ) c
    WHERE {_AREA}
"""

ADD = sql(f"""
INSERT INTO ingest.lot (lot_code, unit_code, goods, arrived_at, client_id, recorded_at)
SELECT :lot_code, u.unit_code, :goods, CAST(:arrived_at AS timestamptz), :client_id, CAST(:now AS timestamptz)
FROM ingest.unit u WHERE u.unit_code = :unit_code AND {_AREA}
ON CONFLICT ON CONSTRAINT lot_pkey DO NOTHING
""")
UNIT = sql(f"SELECT u.unit_code FROM ingest.unit u WHERE u.unit_code = :unit_code AND {_AREA}")
LOCK = sql(f"""
SELECT l.lot_code, l.unit_code, l.arrived_at FROM ingest.lot l JOIN ingest.unit u ON u.unit_code = l.unit_code
WHERE l.lot_code = :lot_code AND {_AREA} FOR NO KEY UPDATE OF l
""")
ONE = sql(f"SELECT * FROM ({_LOTS}) x WHERE x.lot_code = :lot_code")
PAGE = sql(f"""
SELECT * FROM ({_LOTS}) x
WHERE x.lot_code > :after
    AND (CAST(:unit_code AS text) IS NULL OR x.unit_code = :unit_code)
    AND (CAST(:goods AS text) IS NULL OR x.goods = :goods)
    AND (CAST(:state AS text) IS NULL OR x.state = :state)
ORDER BY x.lot_code LIMIT :limit
""")
TUBES = sql(f"SELECT * FROM ({_TUBES}) x WHERE x.lot_code = :lot_code ORDER BY x.tube_code")
STEPS = sql("""
SELECT kind, at, recorded_at, client_id FROM ingest.lot_step WHERE lot_code = :lot_code ORDER BY n
""")
FIT = sql("""
SELECT t.tube_id, t.tube_code FROM ingest.tube t
WHERE t.current AND t.tube_code = ANY (CAST(:codes AS text[])) AND t.subject <> 'person'
    AND t.unit_code = :unit_code AND t.collected_at >= CAST(:arrived_at AS timestamptz)
""")
ADD_TUBES = sql("""
INSERT INTO ingest.lot_tube (tube_id, lot_code, client_id, recorded_at)
SELECT u.tube_id, :lot_code, :client_id, CAST(:now AS timestamptz)
FROM unnest(CAST(:tubes AS uuid[])) AS u (tube_id) ORDER BY u.tube_id
ON CONFLICT ON CONSTRAINT lot_tube_pkey DO NOTHING
""")
HELD = sql("""
SELECT tube_id FROM ingest.lot_tube WHERE tube_id = ANY (CAST(:tubes AS uuid[])) AND lot_code = :lot_code
""")
ADD_STEP = sql("""
INSERT INTO ingest.lot_step (lot_code, n, kind, at, client_id, recorded_at)
SELECT :lot_code, 1 + count(*), :kind, CAST(:at AS timestamptz), :client_id, CAST(:now AS timestamptz)
FROM ingest.lot_step WHERE lot_code = :lot_code
""")
TOLD = sql("""
SELECT EXISTS (SELECT FROM ingest.lot_step
               WHERE lot_code = :lot_code AND kind = :kind AND at = CAST(:at AS timestamptz))
""")
