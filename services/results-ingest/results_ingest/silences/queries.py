"""The statements over silent laboratories and their load."""

from typing import Final

from results_ingest.stamps.queries import RETAINED
from shared.db import sql

# The terms of a day are the newest that have begun; a laboratory without any has the hours it was registered
# with.
_TERMS: Final = """
    LEFT JOIN LATERAL (
        SELECT t.* FROM ingest.lab_terms t
         WHERE t.lab_code = l.lab_code AND t.effective_from <= CAST(:today AS date)
         ORDER BY t.effective_from DESC LIMIT 1
    ) t ON true
"""
_HOURS: Final = """
    CASE WHEN t.lab_code IS NULL THEN l.opens_at ELSE t.opens_at END AS opens_at,
    CASE WHEN t.lab_code IS NULL THEN l.closes_at ELSE t.closes_at END AS closes_at
"""
WATCHED = sql(f"""
    SELECT l.lab_code, {_HOURS}, t.silent_minutes, coalesce(t.always_expected, false) AS always_expected,
           GREATEST(l.created_at, t.changed_at) AS floor, b.received_at AS last_batch,
           l.active
               AND coalesce(CAST(:today AS date) BETWEEN l.enabled_from AND l.enabled_to, true) AS serves,
           s.silence_id, s.since
      FROM ingest.lab l {_TERMS}
      LEFT JOIN LATERAL (
          SELECT x.received_at FROM ingest.batch x
           WHERE x.lab_code = l.lab_code ORDER BY x.batch_id DESC LIMIT 1
      ) b ON true
      LEFT JOIN ingest.lab_silence s ON s.lab_code = l.lab_code AND s.ended_at IS NULL
     ORDER BY l.lab_code
""")

# A tube waits at the laboratory of its packet, else at the one it was registered for, from when it was there
# or on its way.
WAITING = sql(f"""
    SELECT count(*) AS tubes,
           min(coalesce(p.received_at, p.handed_at, t.dispatched_at, t.collected_at)) AS oldest
      FROM ingest.tube t
      LEFT JOIN ingest.packet_tube h ON h.tube_code = t.tube_code AND h.standing IN ('listed', 'extra')
      LEFT JOIN ingest.packet p ON p.packet_id = h.packet_id AND p.state <> 'refused'
     WHERE t.current AND coalesce(p.lab_code, t.lab_code) = :lab_code
       AND t.collected_at >= CAST(:since AS timestamptz)
       AND NOT EXISTS (SELECT FROM ingest.tube_result x WHERE x.tube_id = t.tube_id AND NOT x.superseded)
       AND NOT ({RETAINED})
""")

RAISE = sql("""
    INSERT INTO ingest.lab_silence (silence_id, lab_code, since, minutes, waiting, raised_at)
    VALUES (:silence_id, :lab_code, :since, :minutes, :waiting, :now)
    ON CONFLICT (lab_code) WHERE ended_at IS NULL DO NOTHING
""")
END = sql("""
    UPDATE ingest.lab_silence SET ended_at = :ended_at
     WHERE silence_id = :silence_id AND ended_at IS NULL
    RETURNING lab_code, since, minutes, waiting
""")

LIST = sql("""
    SELECT s.silence_id, s.lab_code, l.name, s.since, s.minutes, s.waiting, s.raised_at, s.ended_at
      FROM ingest.lab_silence s JOIN ingest.lab l ON l.lab_code = s.lab_code
     WHERE (CAST(:only AS text) IS NULL OR s.lab_code = :only)
       AND (CAST(:state AS text) IS NULL OR (s.ended_at IS NULL) = (:state = 'open'))
       AND s.silence_id < :before
     ORDER BY s.silence_id DESC LIMIT :limit
""")

# Of a day's tubes what each laboratory was to test, and what of it has a result, beside what it can do.
LOADS = sql(f"""
    WITH load AS (
        SELECT coalesce(p.lab_code, t.lab_code) AS lab_code, count(*) AS tubes,
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM ingest.tube_result x WHERE x.tube_id = t.tube_id AND NOT x.superseded
               )) AS resulted
          FROM ingest.tube t
          LEFT JOIN ingest.packet_tube h ON h.tube_code = t.tube_code AND h.standing IN ('listed', 'extra')
          LEFT JOIN ingest.packet p ON p.packet_id = h.packet_id AND p.state <> 'refused'
         WHERE t.current AND t.collected_at >= CAST(:from_at AS timestamptz)
           AND t.collected_at < CAST(:to_at AS timestamptz) AND NOT ({RETAINED})
         GROUP BY 1
    )
    SELECT l.lab_code, l.name, {_HOURS}, t.capacity, coalesce(d.tubes, 0) AS tubes,
           coalesce(d.resulted, 0) AS resulted, s.since AS silent_since
      FROM ingest.lab l {_TERMS}
      LEFT JOIN load d ON d.lab_code = l.lab_code
      LEFT JOIN ingest.lab_silence s ON s.lab_code = l.lab_code AND s.ended_at IS NULL
     WHERE l.active AND (CAST(:only AS text) IS NULL OR l.lab_code = :only)
     ORDER BY l.lab_code LIMIT 1000
""")
