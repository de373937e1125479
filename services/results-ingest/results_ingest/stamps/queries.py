"""The statements over stamps: one day's tubes with their packets and first results."""

from typing import Final

from shared.db import sql

# When a tube was delivered: what the laboratory's result says, else its receipt of the packet `p`, else the
# courier's.
PLACED_STAMPS: Final = "coalesce({result}.received_at, p.received_at, p.handed_at, t.dispatched_at)"

# A tube's first result that stands; delivered is what the laboratory says, else its receipt of the packet,
# else the courier's, as a single tube shows it.
STAMPED: Final = f"""
    SELECT t.tube_id, t.tube_code, t.site_code, coalesce(r.lab_code, p.lab_code, t.lab_code) AS lab_code,
        t.collected_at, p.sealed_at, p.received_at,
        {PLACED_STAMPS.format(result="r")} AS delivered_at,
        coalesce(r.received_at, p.received_at) AS arrived_at, r.tested_at, r.reported_at,
        t.result_due_at, s.kind AS site_kind
    FROM ingest.tube t
    LEFT JOIN ingest.site s ON s.site_code = t.site_code
    LEFT JOIN ingest.unit u ON u.unit_code = t.unit_code
    LEFT JOIN ingest.packet_tube h ON h.tube_code = t.tube_code AND h.standing IN ('listed', 'extra')
    LEFT JOIN ingest.packet p ON p.packet_id = h.packet_id
    LEFT JOIN LATERAL (
        SELECT y.lab_code, y.received_at, y.tested_at, y.reported_at
        FROM ingest.tube_result x
        CROSS JOIN LATERAL (
            SELECT z.* FROM ingest.result z WHERE z.batch_id = x.batch_id AND z."row" = x."row" OFFSET 0
        ) y
        WHERE x.tube_id = t.tube_id AND NOT x.superseded
        ORDER BY y.reported_at, x.batch_id, x."row" LIMIT 1
    ) r ON true
    WHERE t.current
        AND t.collected_at >= CAST(:from_at AS timestamptz) AND t.collected_at < CAST(:to_at AS timestamptz)
        AND (CAST(:township AS text) IS NULL OR coalesce(u.township_code, s.township_code) = :township)
        AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
"""

# From which stamp to which each stage goes, of a tube `d`.
BOUNDS: Final = """('sampling', d.collected_at, d.sealed_at),
                     ('delivery', coalesce(d.sealed_at, d.collected_at), d.arrived_at),
                     ('testing', d.arrived_at, d.tested_at),
                     ('entry', d.tested_at, d.reported_at)"""

# A body's median, nine tenths and worst of each stage, in minutes; a stage with a stamp missing or
# reversed is not counted here: it is a fault.
_STAGES: Final = """
    SELECT {body} AS body, g.stage, count(*) AS tubes,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY g.minutes) AS median,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY g.minutes) AS p90, max(g.minutes) AS longest
    FROM stamped d
    CROSS JOIN LATERAL (
        SELECT v.stage, CAST(extract(epoch FROM v.until - v.since) / 60 AS double precision) AS minutes
        FROM (VALUES {BOUNDS}) AS v (stage, since, until)
        WHERE v.until >= v.since
    ) g
    WHERE {body} IS NOT NULL
    GROUP BY {body}, g.stage
    ORDER BY max(g.minutes) DESC, {body}, g.stage LIMIT :limit
"""
STAGES: Final = {
    "site": sql(f"WITH stamped AS ({STAMPED}) {_STAGES.format(body='d.site_code', BOUNDS=BOUNDS)}"),
    "lab": sql(f"WITH stamped AS ({STAMPED}) {_STAGES.format(body='d.lab_code', BOUNDS=BOUNDS)}"),
}

FAULTS = sql(f"""
WITH stamped AS ({STAMPED})
SELECT tube_id, tube_code, site_code, lab_code, collected_at, delivered_at, tested_at, reported_at
FROM stamped
WHERE tube_id > CAST(:after AS uuid)
    AND (CAST(:site_code AS text) IS NULL OR site_code = :site_code)
    AND (CAST(:lab_code AS text) IS NULL OR lab_code = :lab_code)
    AND (delivered_at < collected_at OR tested_at < coalesce(delivered_at, collected_at)
        OR reported_at < tested_at
        OR (delivered_at IS NULL AND tested_at IS NOT NULL))
ORDER BY tube_id LIMIT :limit
""")

# Retained singles wait for their pool, not for the laboratory.
RETAINED: Final = """
    t.mode = 'single' AND EXISTS (
        SELECT FROM ingest.tube k
        WHERE k.current AND k.mode = 'mixed' AND (k.tube_code = t.paired_with OR k.paired_with = t.tube_code)
            AND NOT EXISTS (
                SELECT FROM ingest.tube_result x
                JOIN ingest.result r ON r.batch_id = x.batch_id AND r."row" = x."row"
                WHERE x.tube_id = k.tube_id AND NOT x.superseded AND r.outcome <> 'negative'))
"""
BACKLOG = sql(f"""
WITH held AS (
    SELECT p.lab_code, p.received_at, p.state
    FROM ingest.packet p
    JOIN ingest.packet_tube h ON h.packet_id = p.packet_id AND h.standing IN ('listed', 'extra')
    LEFT JOIN ingest.tube t ON t.current AND t.tube_code = h.tube_code
    WHERE p.state <> 'refused' AND p.sealed_at >= CAST(:since AS timestamptz)
        AND (CAST(:lab AS text) IS NULL OR p.lab_code = :lab)
        AND NOT EXISTS (SELECT FROM ingest.tube_result x WHERE x.tube_id = t.tube_id AND NOT x.superseded)
        AND NOT EXISTS (SELECT FROM ingest.unmatched w
                        WHERE w.state = 'open' AND w.match_key = 't:' || h.tube_code)
        AND (t.tube_id IS NULL OR NOT ({RETAINED}))
)
SELECT l.lab_code,
    count(b.lab_code) FILTER (WHERE b.received_at IS NULL) AS on_the_way,
    count(b.lab_code) FILTER (WHERE b.received_at IS NOT NULL) AS waiting,
    min(b.received_at) AS oldest_received_at
FROM ingest.lab l LEFT JOIN held b ON b.lab_code = l.lab_code
WHERE l.active AND (CAST(:lab AS text) IS NULL OR l.lab_code = :lab)
GROUP BY l.lab_code ORDER BY min(b.received_at), l.lab_code
""")
