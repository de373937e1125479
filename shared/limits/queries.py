"""Statements over the allowances that all processes share."""

from typing import Final

from shared.db import sql

# What a process has used since its last word goes off the shared level, which has refilled until now.
# A clock that is ahead refills early and not twice: `at` never goes back. In order of keys, so that two
# processes cannot wait for each other.
SETTLE: Final = sql("""
    INSERT INTO bus.allowance AS a (bucket, kind, level, at, per_second, burst)
    SELECT bucket, kind, burst - used, to_timestamp(:now), per_second, burst
    FROM unnest(CAST(:buckets AS text[]), CAST(:kinds AS text[]), CAST(:used AS float8[]),
                CAST(:per_second AS float8[]), CAST(:bursts AS float8[]))
        AS u (bucket, kind, used, per_second, burst)
    ORDER BY bucket, kind
    ON CONFLICT (bucket, kind) DO UPDATE SET
        level = least(EXCLUDED.burst, a.level + EXCLUDED.per_second
                      * greatest(0, extract(epoch FROM EXCLUDED.at - a.at)))
                + (EXCLUDED.level - EXCLUDED.burst),
        at = greatest(a.at, EXCLUDED.at), per_second = EXCLUDED.per_second, burst = EXCLUDED.burst
    RETURNING bucket, kind, level
""")

OWN_LIMITS: Final = sql("SELECT client_id, kind, per_second, burst FROM bus.client_limit")

# After a day without use every default bucket is full again, and a full bucket need not be kept.
FORGET: Final = sql("DELETE FROM bus.allowance WHERE at < to_timestamp(:now) - interval '1 day'")

ALARM: Final = sql("""
    INSERT INTO bus.limit_alarm (at, service, client_id, kind)
    VALUES (to_timestamp(:at), :service, :client_id, :kind)
""")
