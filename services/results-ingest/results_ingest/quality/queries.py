"""The statements of the quality list: a day's faults worked out at once, counted, and listed."""

from results_ingest.stamps.queries import PLACED_STAMPS
from shared.db import sql

FORGET = sql("DELETE FROM ingest.quality_fault WHERE day = :day")

# A day is what was received on it: a range of batch ids. A row may have more than one fault.
COUNT = sql(f"""
    WITH told AS MATERIALIZED (
        SELECT r.batch_id, r."row", r.lab_code, r.state, r.code, r.same_as, r.tube_id, r.tube_code, r.row_ref,
               r.received_at, r.tested_at, r.reported_at, r.superseded_by
          FROM ingest.result r WHERE r.batch_id >= :low AND r.batch_id < :high
    ), stamped AS (
        SELECT DISTINCT ON (t.tube_id) d.batch_id, d."row", d.lab_code, d.row_ref, t.tube_code,
               t.collected_at, d.tested_at, d.reported_at,
               {PLACED_STAMPS.format(result="d")} AS delivered_at
          FROM told d
          JOIN ingest.tube t ON t.tube_id = d.tube_id
          LEFT JOIN ingest.packet_tube h ON h.tube_code = t.tube_code AND t.current
               AND h.standing IN ('listed', 'extra')
          LEFT JOIN ingest.packet p ON p.packet_id = h.packet_id
         WHERE d.state = 'matched' AND d.superseded_by IS NULL
         ORDER BY t.tube_id, d.reported_at, d.batch_id, d."row"
    ), found AS (
        SELECT f.batch_id, f."row", b.lab_code, f.row_ref, f.tube_code, f.code, f.field
          FROM ingest.refused_row f JOIN ingest.batch b ON b.batch_id = f.batch_id
         WHERE f.batch_id >= :low AND f.batch_id < :high
        UNION ALL
        SELECT batch_id, "row", lab_code, row_ref, tube_code,
               CASE WHEN same_as IS NULL THEN code ELSE 'same_sample' END, NULL
          FROM told
         WHERE superseded_by IS NULL
           AND (state <> 'matched' OR same_as IS NOT NULL OR code = 'unexpected_lab')
        UNION ALL
        SELECT d.batch_id, d."row", d.lab_code, d.row_ref, t.tube_code, 'member_unknown', NULL
          FROM told d
          JOIN ingest.tube t ON t.tube_id = d.tube_id
          JOIN ingest.tube_member m ON m.tube_id = d.tube_id AND m.person_id IS NULL
         WHERE d.state = 'matched' AND d.superseded_by IS NULL
        UNION ALL
        SELECT batch_id, "row", lab_code, row_ref, tube_code, 'stamp_reversed', NULL
          FROM stamped
         WHERE delivered_at < collected_at OR tested_at < coalesce(delivered_at, collected_at)
            OR reported_at < tested_at
    )
    INSERT INTO ingest.quality_fault
        (day, fault_no, kind, code, lab_code, site_code, township_code, department_code,
         batch_id, "row", row_ref, tube_code)
    SELECT :day, row_number() OVER (ORDER BY f.batch_id, f."row", f.code), CASE
               WHEN f.field = ANY(CAST(:identifiers AS text[])) THEN 'bad_number'
               ELSE coalesce(k.kind, 'malformed') END,
           f.code, f.lab_code, t.site_code, coalesce(u.township_code, s.township_code), u.department_code,
           f.batch_id, f."row", f.row_ref, f.tube_code
      FROM found f
      LEFT JOIN unnest(CAST(:codes AS text[]), CAST(:kinds AS text[])) AS k (code, kind) ON k.code = f.code
      LEFT JOIN ingest.tube t ON t.tube_code = f.tube_code AND t.current
      LEFT JOIN ingest.site s ON s.site_code = t.site_code
      LEFT JOIN ingest.unit u ON u.unit_code = t.unit_code
""")

_SEEN = """
    q.day = :day
      AND (CAST(:only AS text) IS NULL OR q.lab_code = :only)
      AND (CAST(:township AS text) IS NULL OR q.township_code = :township)
      AND (CAST(:department AS text) IS NULL OR q.department_code = :department)
      AND (CAST(:kind AS text) IS NULL OR q.kind = :kind)
      AND (CAST(:lab_code AS text) IS NULL OR q.lab_code = :lab_code)
      AND (CAST(:site_code AS text) IS NULL OR q.site_code = :site_code)
"""
COUNTS = sql(f"""
    SELECT q.lab_code, l.name, coalesce(q.site_code, '') AS site_code, q.kind, count(*) AS faults
      FROM ingest.quality_fault q LEFT JOIN ingest.lab l ON l.lab_code = q.lab_code
     WHERE {_SEEN}
       AND (q.lab_code, coalesce(q.site_code, ''), q.kind)
           > (CAST(:after_lab AS text), CAST(:after_site AS text), CAST(:after_kind AS text))
     GROUP BY q.lab_code, l.name, coalesce(q.site_code, ''), q.kind
     ORDER BY q.lab_code, coalesce(q.site_code, ''), q.kind LIMIT :limit
""")
# Whose batch it was in is the laboratory's and the district's: a batch lies in no area.
FAULTS = sql(f"""
    SELECT q.fault_no, q.kind, q.code, q.lab_code, q.site_code, b.batch_no, q."row", q.row_ref, q.tube_code
      FROM ingest.quality_fault q
      LEFT JOIN ingest.batch b ON b.batch_id = q.batch_id
           AND CAST(:township AS text) IS NULL AND CAST(:department AS text) IS NULL
     WHERE {_SEEN} AND q.fault_no > :after
     ORDER BY q.fault_no LIMIT :limit
""")
