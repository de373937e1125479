"""Statements over rosters and shifts."""

from typing import Final

from shared.db import sql

_AREA: Final = """
    (CAST(:area AS text) IS NULL OR r.department_code = :area)
"""
_SHIFT: Final = """s.shift_id, s.department_code, s.starts_at, s.ends_at, s.on_call, s.leader, s.created_by,
    s.created_at, s.withdrawn_by, s.withdrawn_at"""

KEEP = sql("""
INSERT INTO notifier.roster (department_code, from_day, to_day, changed_by, changed_at)
SELECT d.code, :from_day, :to_day, :client_id, :now FROM notifier.department d WHERE d.code = :department_code
ON CONFLICT (department_code) DO UPDATE
SET from_day = excluded.from_day, to_day = excluded.to_day, changed_by = excluded.changed_by,
    changed_at = excluded.changed_at
""")

KNOWN = sql("SELECT EXISTS (SELECT FROM notifier.roster WHERE department_code = :department_code)")

LOCK = sql(
    "SELECT department_code FROM notifier.roster r WHERE department_code = :department_code FOR UPDATE"
)

ROSTERS = sql(f"""
SELECT r.department_code, d.department_name AS name, r.from_day, r.to_day, r.changed_by, r.changed_at
FROM notifier.roster r LEFT JOIN notifier.department d ON d.code = r.department_code
WHERE r.department_code > :after AND {_AREA}
ORDER BY r.department_code LIMIT :limit
""")

# Those in force on a day of a period, with whom they are to notices.
IN_FORCE = sql(f"""
SELECT r.department_code, d.department_name AS name, r.from_day, r.to_day,
    CASE d.role WHEN 'cdc' THEN 'cdc' WHEN 'headquarters' THEN 'district'
        ELSE COALESCE(d.level, 'department') END AS body_type
FROM notifier.roster r LEFT JOIN notifier.department d ON d.code = r.department_code
WHERE r.from_day <= CAST(:last AS date) AND (r.to_day IS NULL OR r.to_day >= CAST(:first AS date)) AND {_AREA}
ORDER BY r.department_code
""")

STANDING = sql(f"""
SELECT {_SHIFT} FROM notifier.roster_shift s
WHERE s.department_code = ANY(CAST(:department_codes AS text[])) AND s.withdrawn_at IS NULL
  AND s.ends_at > CAST(:begin AS timestamptz) AND s.starts_at < CAST(:end AS timestamptz)
ORDER BY s.department_code, s.starts_at
""")

PAGE = sql(f"""
SELECT {_SHIFT} FROM notifier.roster_shift s
WHERE s.department_code = :department_code AND s.shift_id > :after
  AND s.ends_at > CAST(:begin AS timestamptz) AND s.starts_at < CAST(:end AS timestamptz)
ORDER BY s.shift_id LIMIT :limit
""")

ADD = sql("""
INSERT INTO notifier.roster_shift
    (shift_id, department_code, starts_at, ends_at, on_call, leader, created_by, created_at)
SELECT u.shift_id, :department_code, u.starts_at, u.ends_at, u.on_call, u.leader, :client_id, :now
FROM unnest(CAST(:shift_ids AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
            CAST(:on_calls AS bytea[]), CAST(:leaders AS bytea[]))
     AS u (shift_id, starts_at, ends_at, on_call, leader)
""")

WITHDRAW = sql(f"""
UPDATE notifier.roster_shift s
SET withdrawn_by = COALESCE(withdrawn_by, :client_id),
    withdrawn_at = COALESCE(withdrawn_at, CAST(:now AS timestamptz))
WHERE shift_id = :shift_id AND (CAST(:area AS text) IS NULL OR department_code = :area)
RETURNING {_SHIFT}
""")

NOTE_DAY = sql("""
INSERT INTO notifier.roster_day (day, told_at) VALUES (:day, :now) ON CONFLICT (day) DO NOTHING
""")

TOLD = sql("SELECT EXISTS (SELECT FROM notifier.roster_day WHERE day = :day)")
