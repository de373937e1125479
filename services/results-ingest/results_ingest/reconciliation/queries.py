"""The statements of the reconciliation: counts by cause, and the samples behind every count."""

from typing import Final

from results_ingest.reconciliation.samples import samples
from shared.db import sql

_CODES: Final = {
    "body": "d.body_type || ':' || coalesce(d.body_code, '')",
    "lab": "d.lab_code",
    "site": "d.site_code",
    "unit": "d.unit_code",
    "round": "d.round_code",
    "cause": "d.cause",
}
# One row for each code and cause; those with the most samples that are somebody's turn come first.
_COUNTS: Final = """
    WITH counted AS (
        SELECT {code} AS code, d.cause, count(*) AS samples,
            count(*) FILTER (WHERE d.standing = 'waiting') AS waiting,
            count(*) FILTER (WHERE d.standing = 'overdue') AS overdue,
            count(*) FILTER (WHERE d.standing = 'resulted') AS resulted,
            count(*) FILTER (WHERE d.standing = 'late') AS late,
            count(*) FILTER (WHERE d.standing = 'lost') AS lost,
            count(d.body_type) AS held_up
        FROM ({samples}) d GROUP BY 1, 2
    ), ranked AS (
        SELECT code, dense_rank() OVER (ORDER BY sum(held_up) DESC, code) AS place
        FROM counted GROUP BY code
    )
    SELECT c.*, coalesce(k.place <= CAST(:limit AS bigint), false) AS listed
    FROM counted c LEFT JOIN ranked k ON k.code = c.code
    ORDER BY k.place, c.cause
"""
COUNTS: Final = {
    (which, by): sql(_COUNTS.format(code=code, samples=samples(which)))
    for which in ("day", "round")
    for by, code in _CODES.items()
}

_LIST: Final = """
    SELECT d.* FROM ({samples}) d
    WHERE (d.id, d.position) > (CAST(:after AS uuid), CAST(:after_position AS integer))
        AND (CAST(:cause AS text) IS NULL OR d.cause = :cause)
        AND (CAST(:standing AS text) IS NULL OR d.standing = :standing)
        AND (CAST(:body_type AS text) IS NULL OR d.body_type = :body_type)
        AND (CAST(:body_code AS text) IS NULL OR d.body_code = :body_code)
        AND (CAST(:lab_code AS text) IS NULL OR d.lab_code = :lab_code)
        AND (CAST(:site_code AS text) IS NULL OR d.site_code = :site_code)
        AND (CAST(:unit_code AS text) IS NULL OR d.unit_code = :unit_code)
    ORDER BY d.id, d.position LIMIT :limit
"""
LIST: Final = {which: sql(_LIST.format(samples=samples(which))) for which in ("day", "round")}

VOID = sql("""
INSERT INTO ingest.tube_void (tube_id, reason, voided_at, client_id, recorded_at)
VALUES (:tube_id, :reason, :voided_at, :client_id, :now)
ON CONFLICT ON CONSTRAINT tube_void_pkey DO NOTHING
""")
VOIDED = sql("SELECT reason, voided_at FROM ingest.tube_void WHERE tube_id = :tube_id")

# Whoever inserts the day tells; told again on one day is nobody.
TELL = sql("""
INSERT INTO ingest.digest_day (told_on) VALUES (:today) ON CONFLICT ON CONSTRAINT digest_day_pkey DO NOTHING
""")
TOLD = sql("SELECT EXISTS (SELECT FROM ingest.digest_day WHERE told_on = :today)")
# What is still in time is nobody's fault yet; what the platform has not shown has its own delay.
HELD_UP = sql(f"""
SELECT d.body_type, d.body_code, coalesce(s.township_code, u.township_code) AS township_code,
    CAST(timezone('Asia/Shanghai', d.collected_at) AS date) AS day, d.cause, count(*) AS samples
FROM ({samples("day")}) d
LEFT JOIN ingest.site s ON d.body_type = 'site' AND s.site_code = d.body_code
LEFT JOIN ingest.unit u ON d.body_type = 'unit' AND u.unit_code = d.body_code
WHERE d.body_type IS NOT NULL AND d.standing <> 'waiting'
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
""")
